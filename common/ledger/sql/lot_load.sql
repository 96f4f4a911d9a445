-- SPDX-License-Identifier: MIT
-- Reads the lots that orders filled.
-- in:  tenant_ids store_ids sources source_ids
-- out: i member_id rule lot_id remaining vests_at vested
SELECT t.i, l.member_id, l.rule, l.lot_id, l.remaining, l.vests_at, l.vested
  FROM unnest($1::bigint[], $2::bigint[], $3::int[], $4::text[])
       WITH ORDINALITY AS t(tenant_id, store_id, source, source_id, i)
  JOIN lot l ON l.tenant_id = t.tenant_id AND l.store_id = t.store_id
   AND l.source = t.source AND l.source_id = t.source_id;
