-- SPDX-License-Identifier: MIT
-- Reads one store and locks it, so that changes to it happen one after
-- another.
-- in:  store_id
-- out: tenant_id currency secret timezone platform domain disabled has_previous
SELECT tenant_id, currency, secret, timezone, platform, domain,
       disabled_at IS NOT NULL AS disabled,
       secret_previous IS NOT NULL AS has_previous
  FROM store
 WHERE store_id = $1::bigint
   FOR UPDATE;
