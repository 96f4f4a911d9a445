-- SPDX-License-Identifier: MIT
-- Reads products as they were at a time; a product that was not known then, as
-- it is first known.
-- in:  tenant_ids store_ids product_ids at
-- out: i vendor type categories tags on_sale gift_card
SELECT t.i, p.vendor, p.type, array_to_string(p.categories, E'\x1f')
       AS categories, array_to_string(p.tags, E'\x1f') AS tags, p.on_sale,
       p.gift_card
  FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::timestamptz[])
       WITH ORDINALITY AS t(tenant_id, store_id, product_id, at, i)
 CROSS JOIN LATERAL (
	SELECT * FROM product x
	 WHERE x.tenant_id = t.tenant_id AND x.store_id = t.store_id
	   AND x.product_id = t.product_id AND NOT x.gone
	 ORDER BY x.modified_at <= t.at DESC,
	       CASE WHEN x.modified_at <= t.at THEN x.modified_at END DESC,
	       x.modified_at
	 LIMIT 1) AS p;
