-- SPDX-License-Identifier: MIT
-- Takes the store that has been due longest, for some calls.
-- in:  lease_ms
-- out: tenant_id store_id watermark tries leased_until now
UPDATE reconcile c
   SET leased_until = now() + $1::bigint * interval '1 millisecond'
  FROM (SELECT r.tenant_id, r.store_id
          FROM reconcile r
          JOIN store s USING (tenant_id, store_id)
         WHERE r.due_at <= now() AND r.leased_until <= now()
           AND s.disabled_at IS NULL AND s.api_url IS NOT NULL
           AND s.api_token IS NOT NULL
         ORDER BY r.due_at
         LIMIT 1
           FOR UPDATE OF r SKIP LOCKED) AS due
 WHERE c.tenant_id = due.tenant_id AND c.store_id = due.store_id
RETURNING c.tenant_id, c.store_id, c.watermark, c.tries, c.leased_until,
          now() AS now;
