-- SPDX-License-Identifier: MIT
-- Notes products that members' orders name and that are not known yet.
-- in:  tenant_ids store_ids product_ids member_ids
-- out:
INSERT INTO product_wanted (tenant_id, store_id, product_id, member_id)
SELECT DISTINCT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[],
	$4::bigint[])
 ORDER BY 1, 2, 3, 4
ON CONFLICT DO NOTHING;
