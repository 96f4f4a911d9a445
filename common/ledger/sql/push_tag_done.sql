-- SPDX-License-Identifier: MIT
-- Writes down that customers have these tags and no others of ours; '': none.
-- in:  tenant_id store_id customer_ids tags
-- out:
WITH now AS (
	SELECT customer_id, tag
	  FROM unnest($3::bigint[], $4::text[]) AS t(customer_id, tag)
), gone AS (
	DELETE FROM push_tag p
	 USING now
	 WHERE p.tenant_id = $1::bigint AND p.store_id = $2::bigint
	   AND p.customer_id = now.customer_id
	   AND NOT EXISTS (SELECT FROM now n
	                    WHERE n.customer_id = p.customer_id
	                      AND n.tag = p.tag)
)
UPDATE push_tag p
   SET is_set = true
  FROM now
 WHERE p.tenant_id = $1::bigint AND p.store_id = $2::bigint
   AND p.customer_id = now.customer_id AND p.tag = now.tag;
