-- SPDX-License-Identifier: MIT
-- Gives a member a code, unless somebody has it or had it.
-- in:  tenant_id member_id code
-- out: code
INSERT INTO member_code (tenant_id, code, member_id)
VALUES ($1::bigint, $3::text, $2::bigint)
ON CONFLICT DO NOTHING
RETURNING code;
