-- SPDX-License-Identifier: MIT
-- Holds a store for another call, and moves its watermark; does nothing if the
-- lease ran out and another process has it.
-- in:  tenant_id store_id leased_until lease_ms watermark
-- out: leased_until now
UPDATE reconcile
   SET leased_until = now() + $4::bigint * interval '1 millisecond',
       watermark = greatest(watermark, $5::timestamptz), tries = 0
 WHERE tenant_id = $1::bigint AND store_id = $2::bigint
   AND leased_until = $3::timestamptz
RETURNING leased_until, now() AS now;
