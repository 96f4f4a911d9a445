-- SPDX-License-Identifier: MIT
-- Adds a version of a store's program: the first is in effect since always,
-- the others from the time given, or from now.
-- in:  tenant_id store_id version_id sha256 file effective_from
-- out:
INSERT INTO program_version (tenant_id, store_id, version_id, effective_from,
	sha256, file)
VALUES ($1::bigint, $2::bigint, $3::int,
	CASE WHEN $3::int = 1 THEN '-infinity'
	     ELSE coalesce($6::timestamptz, now()) END,
	$4::bytea, $5::text);
