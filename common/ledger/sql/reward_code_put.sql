-- SPDX-License-Identifier: MIT
-- Keeps a code of a reward.
-- in:  tenant_id store_id code redemption
-- out:
INSERT INTO reward_code (tenant_id, store_id, code, redemption)
VALUES ($1::bigint, $2::bigint, $3::text, $4::text)
ON CONFLICT DO NOTHING;
