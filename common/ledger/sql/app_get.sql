-- SPDX-License-Identifier: MIT
-- Reads the sealed app of a store.
-- in:  tenant_id store_id
-- out: app
SELECT app
  FROM store_app
 WHERE tenant_id = $1::bigint AND store_id = $2::bigint;
