-- SPDX-License-Identifier: MIT
-- Writes down what no webhook had told; again changes nothing.
-- in:  tenant_id store_id order_id what changed_at points_before
-- out:
INSERT INTO gap (tenant_id, store_id, order_id, what, changed_at, points_before)
VALUES ($1::bigint, $2::bigint, $3::bigint, $4::smallint, $5::timestamptz,
	$6::bigint)
ON CONFLICT (tenant_id, store_id, order_id, changed_at) DO NOTHING;
