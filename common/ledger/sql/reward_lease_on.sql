-- SPDX-License-Identifier: MIT
-- Holds a store longer, for the next call; `answered`: the last one went through.
-- Returns no row if the lease ran out and another process has it.
-- in:  tenant_id store_id leased_until lease_ms answered
-- out: leased_until
UPDATE push_lease
   SET leased_until = now() + $4::bigint * interval '1 millisecond',
       tries = CASE WHEN $5::boolean THEN 0 ELSE tries END
 WHERE tenant_id = $1::bigint AND store_id = $2::bigint
   AND leased_until = $3::timestamptz
RETURNING leased_until;
