-- SPDX-License-Identifier: MIT
-- Reads all stores, with their secrets still sealed.
-- in:
-- out: tenant_id store_id platform domain currency timezone webhook_token api_url shop_id disabled secret secret_previous api_token brand shares earn_from api_shop_id
SELECT tenant_id, store_id, platform, domain, currency, timezone,
       webhook_token, api_url, coalesce(shop_id, api_shop_id) AS shop_id,
       disabled_at IS NOT NULL AS disabled,
       secret, secret_previous, api_token, brand,
       count(*) OVER (PARTITION BY tenant_id) > 1 AS shares, earn_from,
       api_shop_id
  FROM store
 ORDER BY store_id;
