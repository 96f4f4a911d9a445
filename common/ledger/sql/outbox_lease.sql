-- SPDX-License-Identifier: MIT
-- Takes, for one call, the store that has waited longest among those with
-- something due.  After each call it is another store's turn, so that a large
-- store does not keep out the small ones.  The rows are read by the next
-- statement: they must be as new as the lease.
-- in:  lease_ms
-- out: tenant_id store_id platform tries after_member leased_until defined
UPDATE push_lease l
   SET leased_until = now() + $1::bigint * interval '1 millisecond'
  FROM (SELECT p.tenant_id, p.store_id, s.platform
          FROM push_lease p
          JOIN store s USING (tenant_id, store_id)
         WHERE p.leased_until <= now() AND p.not_before <= now()
           AND s.disabled_at IS NULL AND s.api_url IS NOT NULL
           AND EXISTS (SELECT FROM outbox o
                        WHERE o.tenant_id = p.tenant_id
                          AND o.store_id = p.store_id
                          AND o.rejected_at IS NULL
                          AND o.not_before <= now())
         ORDER BY p.not_before
         LIMIT 1
           FOR UPDATE OF p SKIP LOCKED) AS due
 WHERE l.tenant_id = due.tenant_id AND l.store_id = due.store_id
RETURNING l.tenant_id, l.store_id, due.platform, l.tries, l.after_member,
          l.leased_until, l.defined;
