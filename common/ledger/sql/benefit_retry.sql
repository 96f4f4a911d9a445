-- SPDX-License-Identifier: MIT
-- Makes benefits of a store due that wait after a failure.
-- in:  tenant_id store_id
-- out:
UPDATE benefit_at_shop
   SET push_at = now()
 WHERE tenant_id = $1::bigint AND store_id = $2::bigint
   AND tries > 0 AND push_at > now();
