-- SPDX-License-Identifier: MIT
-- Notes the orders that facts of a batch count with.
-- in:  tenant_ids store_ids order_ids fact_ids
-- out:
INSERT INTO fact_order (tenant_id, store_id, order_id, fact_id)
SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[])
ON CONFLICT DO NOTHING;
