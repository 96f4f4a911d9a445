-- SPDX-License-Identifier: MIT
-- Adds a store.  shop_id 0: the shop has no number.
-- in:  tenant_id store_id platform domain currency timezone webhook_token secret api_url api_token shop_id brand earn_from
-- out:
INSERT INTO store (tenant_id, store_id, platform, domain, currency, timezone,
	webhook_token, secret, api_url, api_token, shop_id, brand, earn_from)
VALUES ($1::bigint, $2::bigint, $3::smallint, $4::text, $5::text, $6::text,
	$7::text, $8::bytea, $9::text, $10::bytea, nullif($11::bigint, 0), $12::text,
	$13::timestamptz);
