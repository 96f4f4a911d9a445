-- SPDX-License-Identifier: MIT
-- Takes a store whose number is to be asked of its API, for one call: one of
-- those given, which are few, that is due and was not changed since.
-- in:  lease_ms tenant_ids store_ids
-- out: tenant_id store_id ask_tries leased_until
UPDATE push_lease l
   SET leased_until = now() + $1::bigint * interval '1 millisecond'
  FROM (SELECT p.tenant_id, p.store_id
          FROM unnest($2::bigint[], $3::bigint[]) AS t(tenant_id, store_id)
          JOIN push_lease p USING (tenant_id, store_id)
          JOIN store s USING (tenant_id, store_id)
         WHERE p.leased_until <= now() AND p.not_before <= now()
           AND p.ask_not_before <= now() AND s.api_shop_id IS NULL
           AND s.api_url IS NOT NULL AND s.api_token IS NOT NULL
           AND s.disabled_at IS NULL
         ORDER BY p.ask_not_before
         LIMIT 1
           FOR UPDATE OF p SKIP LOCKED) AS due
 WHERE l.tenant_id = due.tenant_id AND l.store_id = due.store_id
RETURNING l.tenant_id, l.store_id, l.ask_tries, l.leased_until;
