-- SPDX-License-Identifier: MIT
-- The platform's number of a shop, from its first order.
-- in:  tenant_id store_id shop_id
-- out:
UPDATE store SET shop_id = $3::bigint
 WHERE tenant_id = $1::bigint AND store_id = $2::bigint AND shop_id IS NULL;
