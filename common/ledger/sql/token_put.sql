-- SPDX-License-Identifier: MIT
-- Gives a store another API token.
-- in:  tenant_id store_id api_token
-- out:
UPDATE store
   SET api_token = $3::bytea
 WHERE tenant_id = $1::bigint AND store_id = $2::bigint;
