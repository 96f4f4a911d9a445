-- SPDX-License-Identifier: MIT
-- Notes that a call with these balances was given up, and may still arrive
-- after what is sent next.  Takes whole keys, in ascending order.
-- in:  tenant_ids store_ids member_ids doubt_ms
-- out:
UPDATE outbox o
   SET doubt_until = now() + $4::bigint * interval '1 millisecond'
  FROM unnest($1::bigint[], $2::bigint[], $3::bigint[])
       AS d (tenant_id, store_id, member_id)
 WHERE o.tenant_id = d.tenant_id AND o.store_id = d.store_id
   AND o.member_id = d.member_id;
