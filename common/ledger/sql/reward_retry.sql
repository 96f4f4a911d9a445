-- SPDX-License-Identifier: MIT
-- Makes rewards of a store due that wait after a failure.
-- in:  tenant_id store_id
-- out:
UPDATE reward
   SET push_at = now()
 WHERE tenant_id = $1::bigint AND store_id = $2::bigint
   AND tries > 0 AND push_at > now();
