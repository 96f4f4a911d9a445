-- SPDX-License-Identifier: MIT
-- Adds a merchant, whose first wallet is the points.
-- in:  tenant_id
-- out:
WITH made AS (
	INSERT INTO tenant (tenant_id) VALUES ($1::bigint)
	RETURNING tenant_id
)
INSERT INTO wallet (tenant_id, wallet, id, unit, exponent)
SELECT tenant_id, 1, 'points', 1, 0 FROM made;
