-- SPDX-License-Identifier: MIT
-- The platform has these balances: their rows go, but for those where a
-- newer one has come in the meantime.
-- in:  tenant_id store_id member_ids versions
-- out:
DELETE FROM outbox o
 USING (SELECT x.tenant_id, x.store_id, x.member_id
          FROM outbox x
          JOIN unnest($3::bigint[], $4::bigint[]) AS d (member_id, version)
            ON d.member_id = x.member_id AND x.version <= d.version
         WHERE x.tenant_id = $1::bigint AND x.store_id = $2::bigint
         ORDER BY x.member_id
           FOR UPDATE OF x) AS done
 WHERE o.tenant_id = done.tenant_id AND o.store_id = done.store_id
   AND o.member_id = done.member_id;
