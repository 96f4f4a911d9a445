-- SPDX-License-Identifier: MIT
-- The store is free again, after a while; `why` is NULL after a call that
-- went through.  Nothing, if the lease ran out and went to somebody else.
-- in:  tenant_id store_id leased_until wait_ms why after_member
-- out:
UPDATE push_lease
   SET leased_until = '-infinity',
       not_before = now() + $4::bigint * interval '1 millisecond',
       tries = CASE WHEN $5::text IS NULL THEN 0 ELSE tries + 1 END,
       last_error = $5::text, after_member = $6::bigint
 WHERE tenant_id = $1::bigint AND store_id = $2::bigint
   AND leased_until = $3::timestamptz;
