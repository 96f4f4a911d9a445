-- SPDX-License-Identifier: MIT
-- Counts the orders that the ledger has not changed since then, or, without that
-- time, does not have as they were; none is counted of which a dead letter says why.
-- in:  tenant_id store_id since order_ids modified_at delivery_ids
-- out: n
SELECT count(*) AS n
  FROM unnest($4::bigint[], $5::timestamptz[], $6::text[])
       AS t(order_id, modified_at, delivery_id)
  LEFT JOIN order_state o ON o.tenant_id = $1::bigint
   AND o.store_id = $2::bigint AND o.order_id = t.order_id
 WHERE (o.modified_at >= t.modified_at
        AND ($3::timestamptz IS NULL OR o.changed_at >= $3::timestamptz))
       IS NOT TRUE
   AND NOT EXISTS (SELECT FROM dead_letter d
                    WHERE d.tenant_id = $1::bigint
                      AND d.store_id = $2::bigint
                      AND d.delivery_id = t.delivery_id
                      AND d.delivery_id LIKE 'reconcile %');
