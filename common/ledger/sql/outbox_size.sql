-- SPDX-License-Identifier: MIT
-- Counts the rows that wait for stores that can be pushed to, and says since
-- when, in seconds, the oldest does; no more than max rows are read.
-- in:  max
-- out: waiting oldest_s
SELECT count(*) AS waiting,
       coalesce(floor(extract(epoch FROM now() - min(w.waits_since))),
           0)::bigint AS oldest_s
  FROM (SELECT o.waits_since
          FROM store s
         CROSS JOIN LATERAL (SELECT waits_since
                               FROM outbox
                              WHERE tenant_id = s.tenant_id
                                AND store_id = s.store_id
                                AND rejected_at IS NULL
                              LIMIT $1::bigint) AS o
         WHERE s.disabled_at IS NULL AND s.api_url IS NOT NULL
         LIMIT $1::bigint) AS w;
