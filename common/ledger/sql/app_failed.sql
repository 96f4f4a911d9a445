-- SPDX-License-Identifier: MIT
-- Ends the lease of an app that got no token; does nothing if the lease ran out or
-- the app was changed.
-- in:  tenant_id store_id leased_until why again_ms
-- out:
UPDATE store_app
   SET leased_until = '-infinity', tries = tries + 1, last_error = $4::text,
       renew_at = now() + $5::bigint * interval '1 millisecond'
 WHERE tenant_id = $1::bigint AND store_id = $2::bigint
   AND leased_until = $3::timestamptz;
