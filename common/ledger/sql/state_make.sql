-- SPDX-License-Identifier: MIT
-- Gives these members a timeline; leaves those that are there.
-- in:  tenant_ids member_ids
-- out:
INSERT INTO member_state (tenant_id, member_id)
SELECT t.tenant_id, t.member_id
  FROM unnest($1::bigint[], $2::bigint[]) AS t(tenant_id, member_id)
 ORDER BY t.tenant_id, t.member_id
ON CONFLICT DO NOTHING;
