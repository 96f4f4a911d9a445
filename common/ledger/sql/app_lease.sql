-- SPDX-License-Identifier: MIT
-- Takes a store that needs another API token, for one call.  The store's row is
-- locked, too, so that the app and the address belong together.
-- in:  lease_ms
-- out: tenant_id store_id app tries leased_until platform api_url
UPDATE store_app c
   SET leased_until = now() + $1::bigint * interval '1 millisecond'
  FROM (SELECT a.tenant_id, a.store_id, s.platform, s.api_url
          FROM store_app a
          JOIN store s USING (tenant_id, store_id)
         WHERE a.renew_at <= now() AND a.leased_until <= now()
           AND s.api_url IS NOT NULL AND s.disabled_at IS NULL
         ORDER BY a.renew_at
         LIMIT 1
           FOR UPDATE OF a SKIP LOCKED
           FOR SHARE OF s SKIP LOCKED) AS due
 WHERE c.tenant_id = due.tenant_id AND c.store_id = due.store_id
RETURNING c.tenant_id, c.store_id, c.app, c.tries, c.leased_until,
          due.platform, due.api_url;
