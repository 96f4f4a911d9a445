-- SPDX-License-Identifier: MIT
-- Reads rewards that schedule must look at, the one that has been due longest
-- first.
-- in:  now max
-- out: tenant_id store_id redemption member_id
SELECT r.tenant_id, r.store_id, r.redemption, f.member_id
  FROM reward r
  JOIN member_fact f ON f.tenant_id = r.tenant_id
   AND f.store_id = r.store_id AND f.kind = 3 AND f.fact_id = r.redemption
 WHERE r.wake_at <= greatest(now(), $1::timestamptz)
 ORDER BY r.wake_at
 LIMIT $2::bigint;
