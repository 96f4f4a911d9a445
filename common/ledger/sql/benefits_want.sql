-- SPDX-License-Identifier: MIT
-- Writes down what programs want of shops.  A row without a benefit names a store of
-- which nothing but the other rows is wanted any more.
-- in:  tenant_ids store_ids benefits wanted
-- out:
WITH told AS (
	SELECT tenant_id, store_id, benefit, wanted
	  FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[])
	       AS t(tenant_id, store_id, benefit, wanted)
), gone AS (
	UPDATE benefit_at_shop b
	   SET wanted = NULL, state = 1, tries = 0, push_at = now()
	  FROM told s
	 WHERE s.benefit IS NULL
	   AND b.tenant_id = s.tenant_id AND b.store_id = s.store_id
	   AND b.wanted IS NOT NULL
	   AND NOT EXISTS (SELECT FROM told w
	                    WHERE w.tenant_id = b.tenant_id
	                      AND w.store_id = b.store_id
	                      AND w.benefit = b.benefit)
)
INSERT INTO benefit_at_shop AS b (tenant_id, store_id, benefit, wanted, push_at)
SELECT tenant_id, store_id, benefit, wanted, now()
  FROM told
 WHERE benefit IS NOT NULL
 ORDER BY tenant_id, store_id, benefit
ON CONFLICT (tenant_id, store_id, benefit) DO UPDATE
   SET wanted = excluded.wanted, state = 1, tries = 0,
       push_at = excluded.push_at
 WHERE b.wanted IS DISTINCT FROM excluded.wanted;
