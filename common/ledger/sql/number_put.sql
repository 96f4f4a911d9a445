-- SPDX-License-Identifier: MIT
-- Keeps what the API at this address said is the number of the shop of this
-- domain; the operator's own is left alone.
-- in:  tenant_id store_id number api_url domain
-- out: shop_id
UPDATE store
   SET api_shop_id = $3::bigint
 WHERE tenant_id = $1::bigint AND store_id = $2::bigint
   AND api_url = $4::text AND domain = $5::text
RETURNING shop_id;
