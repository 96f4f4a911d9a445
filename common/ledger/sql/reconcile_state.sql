-- SPDX-License-Identifier: MIT
-- Tells how far a shop was compared with the ledger.
-- in:  store_id
-- out: watermark done_at due_at tries last_error gaps
SELECT r.watermark, r.done_at, r.due_at, r.tries, r.last_error,
       (SELECT count(*) FROM gap g WHERE g.tenant_id = r.tenant_id
           AND g.store_id = r.store_id) AS gaps
  FROM store s
  JOIN reconcile r USING (tenant_id, store_id)
 WHERE s.store_id = $1::bigint;
