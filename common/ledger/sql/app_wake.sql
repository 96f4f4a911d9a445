-- SPDX-License-Identifier: MIT
-- Has push ask at once for a store's next API token, if the last call for it
-- failed.
-- in:  tenant_id store_id
-- out:
UPDATE store_app
   SET renew_at = '-infinity', tries = 0
 WHERE tenant_id = $1::bigint AND store_id = $2::bigint AND tries > 0;
