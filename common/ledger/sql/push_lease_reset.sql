-- SPDX-License-Identifier: MIT
-- A store whose settings were changed is tried again at once, however long
-- push was waiting because of the old ones.
-- in:  tenant_id store_id
-- out:
UPDATE push_lease
   SET not_before = '-infinity', tries = 0,
       ask_not_before = '-infinity', ask_tries = 0
 WHERE tenant_id = $1::bigint AND store_id = $2::bigint;
