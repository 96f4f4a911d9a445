-- SPDX-License-Identifier: MIT
-- Reads stores, with their secrets still sealed.
-- in:  store_ids
-- out: tenant_id store_id platform domain currency timezone webhook_token api_url shop_id disabled secret secret_previous api_token brand shares earn_from api_shop_id row_version
SELECT tenant_id, store_id, platform, domain, currency, timezone,
       webhook_token, api_url, coalesce(shop_id, api_shop_id) AS shop_id,
       disabled_at IS NOT NULL AS disabled,
       secret, secret_previous, api_token, brand,
       EXISTS (SELECT FROM store o WHERE o.tenant_id = s.tenant_id
                  AND o.store_id <> s.store_id) AS shares,
       earn_from, api_shop_id, xmin::text::bigint AS row_version
  FROM store s
 WHERE store_id = ANY ($1::bigint[]);
