-- SPDX-License-Identifier: MIT
-- Reads the tags that customers of a store were given, or may have been.
-- in:  tenant_id store_id customer_ids
-- out: customer_id tag is_set
SELECT customer_id, tag, is_set
  FROM push_tag
 WHERE tenant_id = $1::bigint AND store_id = $2::bigint
   AND customer_id = ANY ($3::bigint[]);
