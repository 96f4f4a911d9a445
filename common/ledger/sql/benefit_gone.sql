-- SPDX-License-Identifier: MIT
-- Forgets a benefit of which a shop has nothing, unless it is wanted again.
-- in:  tenant_id store_id benefit
-- out:
DELETE FROM benefit_at_shop
 WHERE tenant_id = $1::bigint AND store_id = $2::bigint
   AND benefit = $3::text AND wanted IS NULL;
