-- SPDX-License-Identifier: MIT
-- Has a store tried again at once, and given its definitions again, after a
-- change of its settings: it may be another app's now.
-- in:  tenant_id store_id
-- out:
UPDATE push_lease
   SET not_before = '-infinity', tries = 0,
       ask_not_before = '-infinity', ask_tries = 0,
       defined = false
 WHERE tenant_id = $1::bigint AND store_id = $2::bigint;
