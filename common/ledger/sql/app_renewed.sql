-- SPDX-License-Identifier: MIT
-- Ends the lease of an app that has got a token; does nothing if the lease ran out
-- or the app was changed.
-- in:  tenant_id store_id leased_until app renew_ms
-- out:
UPDATE store_app
   SET leased_until = '-infinity', tries = 0, last_error = NULL,
       app = $4::bytea, got_at = now(),
       renew_at = now() + $5::bigint * interval '1 millisecond'
 WHERE tenant_id = $1::bigint AND store_id = $2::bigint
   AND leased_until = $3::timestamptz;
