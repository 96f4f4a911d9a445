-- SPDX-License-Identifier: MIT
-- Has balances sent once more that the platform has taken, but that an earlier
-- call may still replace with older ones, when that call can no longer
-- arrive.  Takes whole keys, in ascending order.
-- in:  tenant_ids store_ids member_ids versions
-- out:
UPDATE outbox o
   SET not_before = o.doubt_until, tries = 0, last_error = NULL
  FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[])
       AS d (tenant_id, store_id, member_id, version)
 WHERE o.tenant_id = d.tenant_id AND o.store_id = d.store_id
   AND o.member_id = d.member_id AND o.version <= d.version
   AND o.doubt_until IS NOT NULL;
