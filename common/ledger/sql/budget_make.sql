-- SPDX-License-Identifier: MIT
-- Begins the budgets of rules that all members together have a limit of, with
-- nothing given; leaves those that are there.
-- in:  tenant_ids store_ids rules
-- out:
INSERT INTO budget (tenant_id, store_id, rule, given)
SELECT t.tenant_id, t.store_id, t.rule, 0
  FROM unnest($1::bigint[], $2::bigint[], $3::text[])
       AS t(tenant_id, store_id, rule)
 ORDER BY t.tenant_id, t.store_id, t.rule
ON CONFLICT DO NOTHING;
