-- SPDX-License-Identifier: MIT
-- One store, locked, so that changes to it happen one after another.
-- in:  store_id
-- out: tenant_id currency secret timezone platform domain disabled
SELECT tenant_id, currency, secret, timezone, platform, domain,
       disabled_at IS NOT NULL AS disabled
  FROM store
 WHERE store_id = $1::bigint
   FOR UPDATE;
