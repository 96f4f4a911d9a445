-- SPDX-License-Identifier: MIT
-- Frees a store after a round, or, with a reason, after a failure; does nothing if
-- the lease ran out and another process has it.
-- in:  tenant_id store_id leased_until watermark wait_ms why done_at
-- out:
UPDATE reconcile
   SET leased_until = '-infinity',
       watermark = greatest(watermark, $4::timestamptz),
       due_at = now() + $5::bigint * interval '1 millisecond',
       tries = CASE WHEN $6::text IS NULL THEN 0 ELSE tries + 1 END,
       last_error = $6::text,
       done_at = coalesce($7::timestamptz, done_at)
 WHERE tenant_id = $1::bigint AND store_id = $2::bigint
   AND leased_until = $3::timestamptz;
