-- SPDX-License-Identifier: MIT
-- Writes down the tags that a call is about to set.
-- in:  tenant_id store_id customer_ids tags
-- out:
INSERT INTO push_tag (tenant_id, store_id, customer_id, tag)
SELECT $1::bigint, $2::bigint, t.customer_id, t.tag
  FROM unnest($3::bigint[], $4::text[]) AS t(customer_id, tag)
 ORDER BY t.customer_id
ON CONFLICT DO NOTHING;
