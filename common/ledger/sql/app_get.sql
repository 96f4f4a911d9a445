-- SPDX-License-Identifier: MIT
-- Reads the sealed app of a store, and why it got no token the last time.
-- in:  tenant_id store_id
-- out: app last_error
SELECT app, last_error
  FROM store_app
 WHERE tenant_id = $1::bigint AND store_id = $2::bigint;
