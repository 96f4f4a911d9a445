-- SPDX-License-Identifier: MIT
-- Has a store tried again at once, after a change of its settings.
-- in:  tenant_id store_id
-- out:
UPDATE push_lease
   SET not_before = '-infinity', tries = 0,
       ask_not_before = '-infinity', ask_tries = 0
 WHERE tenant_id = $1::bigint AND store_id = $2::bigint;
