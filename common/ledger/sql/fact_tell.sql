-- SPDX-License-Identifier: MIT
-- Adds a fact that an operator writes down; does nothing if the fact's key was
-- used.
-- in:  tenant_id store_id kind fact_id member_id at facts version_id
-- out: store_id
INSERT INTO member_fact (tenant_id, store_id, kind, fact_id, member_id,
	owner_kind, at, facts, version_id)
VALUES ($1::bigint, $2::bigint, $3::smallint, $4::text, $5::bigint, 0,
	$6::timestamptz, $7::text, nullif($8::int, 0))
ON CONFLICT DO NOTHING
RETURNING store_id;
