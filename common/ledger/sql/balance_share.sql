-- SPDX-License-Identifier: MIT
-- Gives these members a balance of nothing; leaves the balance of a member that
-- another store of the tenant knows already.
-- in:  tenant_ids member_ids
-- out:
INSERT INTO balance (tenant_id, member_id)
SELECT * FROM unnest($1::bigint[], $2::bigint[])
ON CONFLICT DO NOTHING;
