-- SPDX-License-Identifier: MIT
-- Keeps the number of a shop, as the API at this address has said it for this
-- domain; leaves a number that an operator has given.
-- in:  tenant_id store_id number api_url domain
-- out: shop_id
UPDATE store
   SET api_shop_id = $3::bigint
 WHERE tenant_id = $1::bigint AND store_id = $2::bigint
   AND api_url = $4::text AND domain = $5::text
RETURNING shop_id;
