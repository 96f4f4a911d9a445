-- SPDX-License-Identifier: MIT
-- Changes a store.  NULL, or shop_id 0, leaves a setting as it is; earn_from
-- "infinity" removes it.  The API is asked for the shop's number again if the
-- API or the domain is another.
-- in:  store_id domain timezone api_url api_token shop_id brand earn_from
-- out:
UPDATE store
   SET domain = coalesce($2::text, domain),
       timezone = coalesce($3::text, timezone),
       api_url = coalesce($4::text, api_url),
       api_token = coalesce($5::bytea, api_token),
       shop_id = coalesce(nullif($6::bigint, 0), shop_id),
       api_shop_id = CASE WHEN coalesce($4::text, api_url) = api_url
                           AND coalesce($2::text, domain) = domain
                          THEN api_shop_id END,
       brand = coalesce($7::text, brand),
       earn_from = nullif(coalesce($8::timestamptz, earn_from), 'infinity')
 WHERE store_id = $1::bigint;
