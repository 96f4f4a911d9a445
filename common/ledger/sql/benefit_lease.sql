-- SPDX-License-Identifier: MIT
-- Takes, for some calls, the store that has waited longest among those with a
-- benefit that is due, as outbox_lease.sql does for balances.
-- in:  lease_ms
-- out: tenant_id store_id tries after_member leased_until
UPDATE push_lease l
   SET leased_until = now() + $1::bigint * interval '1 millisecond'
  FROM (SELECT p.tenant_id, p.store_id
          FROM push_lease p
          JOIN store s USING (tenant_id, store_id)
         WHERE p.leased_until <= now() AND p.not_before <= now()
           AND s.disabled_at IS NULL AND s.api_url IS NOT NULL
           AND EXISTS (SELECT FROM benefit_at_shop b
                        WHERE b.tenant_id = p.tenant_id
                          AND b.store_id = p.store_id
                          AND b.push_at <= now())
         ORDER BY p.not_before
         LIMIT 1
           FOR UPDATE OF p SKIP LOCKED) AS due
 WHERE l.tenant_id = due.tenant_id AND l.store_id = due.store_id
RETURNING l.tenant_id, l.store_id, l.tries, l.after_member, l.leased_until;
