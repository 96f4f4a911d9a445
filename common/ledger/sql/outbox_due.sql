-- SPDX-License-Identifier: MIT
-- Counts the rows that wait for stores that can be pushed to, now or later,
-- and says how long, in ms, until the next of them may be due.
-- in:
-- out: waiting wait_ms
SELECT count(*) AS waiting,
       coalesce(ceil(extract(epoch FROM min(greatest(o.not_before,
           l.not_before, l.leased_until, now())) - now()) * 1000),
           0)::bigint AS wait_ms
  FROM outbox o
  JOIN store s USING (tenant_id, store_id)
  JOIN push_lease l USING (tenant_id, store_id)
 WHERE s.disabled_at IS NULL AND s.api_url IS NOT NULL
   AND o.rejected_at IS NULL;
