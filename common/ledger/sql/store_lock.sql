-- SPDX-License-Identifier: MIT
-- One store, locked, so that changes to it happen one after another.
-- in:  store_id
-- out: tenant_id currency secret timezone
SELECT tenant_id, currency, secret, timezone
  FROM store
 WHERE store_id = $1::bigint
   FOR UPDATE;
