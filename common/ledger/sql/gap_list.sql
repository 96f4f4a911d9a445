-- SPDX-License-Identifier: MIT
-- Lists what was missed of a store, the newest first.
-- in:  store_id max
-- out: order_id what changed_at found_at points
SELECT g.order_id, g.what, g.changed_at, g.found_at, g.points
  FROM store s
  JOIN gap g USING (tenant_id, store_id)
 WHERE s.store_id = $1::bigint
 ORDER BY g.found_at DESC, g.gap_id DESC
 LIMIT $2::bigint;
