-- SPDX-License-Identifier: MIT
-- Reads all lots of members.
-- in:  tenant_ids member_ids
-- out: i lot_id store_id source source_id rule wallet version_id vested remaining earned_at vests_at expires_at
SELECT t.i, l.lot_id, l.store_id, l.source, l.source_id, l.rule, l.wallet,
       l.version_id, l.vested, l.remaining, l.earned_at, l.vests_at,
       l.expires_at
  FROM unnest($1::bigint[], $2::bigint[])
       WITH ORDINALITY AS t(tenant_id, member_id, i)
  JOIN lot l ON l.tenant_id = t.tenant_id AND l.member_id = t.member_id
 ORDER BY t.i;
