-- SPDX-License-Identifier: MIT
-- Finds the orders of which the ledger may not have the last change, and of which
-- there is no dead letter that says why.  Shops tell changes to the second: of an
-- order that changed in the same second the facts are read, too.
-- in:  tenant_id store_id order_ids modified_at delivery_ids
-- out: i is_new points record facts
SELECT t.i, o.order_id IS NULL AS is_new, coalesce(o.points, 0) AS points,
       CASE WHEN o.modified_at = t.modified_at THEN o.record END AS record,
       CASE WHEN o.modified_at = t.modified_at THEN o.facts END AS facts
  FROM unnest($3::bigint[], $4::timestamptz[], $5::text[])
       WITH ORDINALITY AS t(order_id, modified_at, delivery_id, i)
  LEFT JOIN order_state o ON o.tenant_id = $1::bigint
   AND o.store_id = $2::bigint AND o.order_id = t.order_id
 WHERE (o.modified_at > t.modified_at) IS NOT TRUE
   AND NOT EXISTS (SELECT FROM dead_letter d
                    WHERE d.tenant_id = $1::bigint
                      AND d.store_id = $2::bigint
                      AND d.delivery_id = t.delivery_id
                      AND d.delivery_id LIKE 'reconcile %')
 ORDER BY t.i;
