-- SPDX-License-Identifier: MIT
-- Reads when each store that is not disabled was last heard of: when a
-- delivery came, and when the platform took a balance; NULL: not yet.
-- in:  max
-- out: store_id delivered_at pushed_at
SELECT s.store_id,
       (SELECT max(a.last_at)
          FROM arrival a
         WHERE a.tenant_id = s.tenant_id AND a.store_id = s.store_id)
       AS delivered_at,
       l.pushed_at
  FROM store s
  LEFT JOIN push_lease l USING (tenant_id, store_id)
 WHERE s.disabled_at IS NULL
 ORDER BY s.store_id
 LIMIT $1::bigint;
