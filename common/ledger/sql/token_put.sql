-- SPDX-License-Identifier: MIT
-- Gives a store another API token; does nothing if the token is of another API
-- address than the store's.
-- in:  tenant_id store_id api_token api_url
-- out:
UPDATE store
   SET api_token = $3::bytea
 WHERE tenant_id = $1::bigint AND store_id = $2::bigint
   AND api_url = $4::text;
