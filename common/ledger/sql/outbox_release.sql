-- SPDX-License-Identifier: MIT
-- Frees a store after a call, to be tried again after a while.  `why` is NULL
-- after a call that went through; `taken`: the platform took a balance;
-- `defined`: it has the definitions.  Does
-- nothing if the lease ran out and another process has it.
-- in:  tenant_id store_id leased_until wait_ms why after_member taken defined
-- out:
UPDATE push_lease
   SET leased_until = '-infinity',
       not_before = now() + $4::bigint * interval '1 millisecond',
       tries = CASE WHEN $5::text IS NULL THEN 0 ELSE tries + 1 END,
       last_error = $5::text, after_member = $6::bigint,
       pushed_at = CASE WHEN $7::boolean THEN now() ELSE pushed_at END,
       defined = defined OR $8::boolean
 WHERE tenant_id = $1::bigint AND store_id = $2::bigint
   AND leased_until = $3::timestamptz;
