-- SPDX-License-Identifier: MIT
-- Writes products as they are from a time on; does nothing if they were so
-- already.  Lists are texts joined by the unit separator.
-- in:  tenant_ids store_ids product_ids modified_at gone vendors types categories tags on_sale gift_card
-- out:
INSERT INTO product (tenant_id, store_id, product_id, modified_at, gone,
	vendor, type, categories, tags, on_sale, gift_card)
SELECT t.tenant_id, t.store_id, t.product_id, t.modified_at, t.gone, t.vendor,
       t.type, string_to_array(t.categories, E'\x1f'),
       string_to_array(t.tags, E'\x1f'), t.on_sale, t.gift_card
  FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::timestamptz[],
	$5::boolean[], $6::text[], $7::text[], $8::text[], $9::text[],
	$10::boolean[], $11::boolean[])
       AS t(tenant_id, store_id, product_id, modified_at, gone, vendor, type,
	categories, tags, on_sale, gift_card)
 WHERE (t.gone, t.vendor, t.type, string_to_array(t.categories, E'\x1f'),
	string_to_array(t.tags, E'\x1f'), t.on_sale, t.gift_card)
       IS DISTINCT FROM (
	SELECT (p.gone, p.vendor, p.type, p.categories, p.tags, p.on_sale,
		p.gift_card)
	  FROM product p
	 WHERE p.tenant_id = t.tenant_id AND p.store_id = t.store_id
	   AND p.product_id = t.product_id AND p.modified_at <= t.modified_at
	 ORDER BY p.modified_at DESC
	 LIMIT 1)
ON CONFLICT DO NOTHING;
