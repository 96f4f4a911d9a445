-- SPDX-License-Identifier: MIT
-- Forgets the app of a store, which has a token that lasts from now on.
-- in:  tenant_id store_id
-- out:
DELETE FROM store_app
 WHERE tenant_id = $1::bigint AND store_id = $2::bigint;
