-- SPDX-License-Identifier: MIT
-- Adds the new facts of a batch.
-- in:  tenant_ids store_ids kinds fact_ids member_ids owner_kinds owner_values at facts
-- out:
INSERT INTO member_fact (tenant_id, store_id, kind, fact_id, member_id,
	owner_kind, owner_value, at, facts)
SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::int[], $4::text[],
	$5::bigint[], $6::int[], $7::text[], $8::timestamptz[], $9::text[]);
