-- SPDX-License-Identifier: MIT
-- Takes a store that needs another API token, for one call.
-- in:  lease_ms
-- out: tenant_id store_id app tries leased_until
UPDATE store_app c
   SET leased_until = now() + $1::bigint * interval '1 millisecond'
  FROM (SELECT tenant_id, store_id
          FROM store_app
          JOIN store USING (tenant_id, store_id)
         WHERE renew_at <= now() AND leased_until <= now()
           AND api_url IS NOT NULL AND disabled_at IS NULL
         ORDER BY renew_at
         LIMIT 1
           FOR UPDATE OF store_app SKIP LOCKED) AS due
 WHERE c.tenant_id = due.tenant_id AND c.store_id = due.store_id
RETURNING c.tenant_id, c.store_id, c.app, c.tries, c.leased_until;
