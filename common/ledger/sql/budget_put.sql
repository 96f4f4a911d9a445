-- SPDX-License-Identifier: MIT
-- Writes what all members together have had of these rules by now.
-- in:  tenant_ids store_ids rules given
-- out:
UPDATE budget b
   SET given = t.given
  FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::bigint[])
       AS t(tenant_id, store_id, rule, given)
 WHERE b.tenant_id = t.tenant_id AND b.store_id = t.store_id
   AND b.rule = t.rule;
