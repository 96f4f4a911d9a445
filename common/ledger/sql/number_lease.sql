-- SPDX-License-Identifier: MIT
-- Takes a store whose number is to be asked of its API, for one call.
-- in:  lease_ms platform
-- out: tenant_id store_id ask_tries leased_until
UPDATE push_lease l
   SET leased_until = now() + $1::bigint * interval '1 millisecond'
  FROM (SELECT p.tenant_id, p.store_id
          FROM push_lease p
          JOIN store s USING (tenant_id, store_id)
         WHERE p.leased_until <= now() AND p.not_before <= now()
           AND p.ask_not_before <= now()
           AND s.platform = $2::bigint AND s.api_shop_id IS NULL
           AND s.api_url IS NOT NULL AND s.api_token IS NOT NULL
           AND s.disabled_at IS NULL
         ORDER BY p.ask_not_before
         LIMIT 1
           FOR UPDATE OF p SKIP LOCKED) AS due
 WHERE l.tenant_id = due.tenant_id AND l.store_id = due.store_id
RETURNING l.tenant_id, l.store_id, l.ask_tries, l.leased_until;
