-- SPDX-License-Identifier: MIT
-- Reads the benefit of a store that has been due longest; one that goes comes
-- before one that is made, since a shop has room for so many.
-- in:  tenant_id store_id
-- out: benefit wanted made title made_as segment_as doubt_until tries now
SELECT benefit, wanted, made, title, made_as, segment_as, doubt_until, tries,
       now() AS now
  FROM benefit_at_shop
 WHERE tenant_id = $1::bigint AND store_id = $2::bigint AND push_at <= now()
 ORDER BY wanted IS NOT NULL, push_at
 LIMIT 1;
