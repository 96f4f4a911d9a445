-- SPDX-License-Identifier: MIT
-- Reads how far push is behind, of each store.
-- in:
-- out: store_id waiting rejected last_error rejection pushed_at
SELECT l.store_id, coalesce(o.waiting, 0) AS waiting,
       coalesce(o.rejected, 0) AS rejected,
       coalesce(c.last_error, l.last_error) AS last_error, o.rejection,
       l.pushed_at
  FROM push_lease l
  LEFT JOIN store_app c USING (tenant_id, store_id)
  LEFT JOIN (SELECT tenant_id, store_id,
                    count(*) FILTER (WHERE rejected_at IS NULL) AS waiting,
                    count(*) FILTER (WHERE rejected_at IS NOT NULL)
                        AS rejected,
                    max(last_error) FILTER (WHERE rejected_at IS NOT NULL)
                        AS rejection
               FROM outbox
              GROUP BY tenant_id, store_id) AS o USING (tenant_id, store_id)
 ORDER BY l.store_id;
