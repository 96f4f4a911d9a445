-- SPDX-License-Identifier: MIT
-- Lists what a shop has of its program's benefits, and what it is to have.
-- in:  tenant_id store_id
-- out: benefit is_wanted state right_at why
SELECT benefit, wanted IS NOT NULL AS is_wanted, state, right_at, why
  FROM benefit_at_shop
 WHERE tenant_id = $1::bigint AND store_id = $2::bigint
 ORDER BY benefit;
