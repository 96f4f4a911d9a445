-- SPDX-License-Identifier: MIT
-- Frees a store after it was asked for its number; does nothing if the lease
-- ran out and another process has it.
-- in:  tenant_id store_id leased_until wait_ms again_ms
-- out:
UPDATE push_lease
   SET leased_until = '-infinity',
       not_before = greatest(not_before,
           now() + $4::bigint * interval '1 millisecond'),
       ask_tries = ask_tries + 1,
       ask_not_before = now() + $5::bigint * interval '1 millisecond'
 WHERE tenant_id = $1::bigint AND store_id = $2::bigint
   AND leased_until = $3::timestamptz;
