-- SPDX-License-Identifier: MIT
-- Removes the rows of balances that the platform has taken, unless a newer
-- balance has come in the meantime.  Takes whole keys, in ascending order.
-- in:  tenant_ids store_ids member_ids versions
-- out:
DELETE FROM outbox o
 USING unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[])
       AS d (tenant_id, store_id, member_id, version)
 WHERE o.tenant_id = d.tenant_id AND o.store_id = d.store_id
   AND o.member_id = d.member_id AND o.version <= d.version;
