-- SPDX-License-Identifier: MIT
-- Writes what schedule has made of a reward, and when it looks next.
-- in:  tenant_id store_id redemption state cause generation captured_at gone_at back_done wake_at
-- out:
UPDATE reward
   SET state = $4::smallint, cause = $5::smallint, generation = $6::int,
       captured_at = $7::timestamptz, gone_at = $8::timestamptz,
       gone_before = CASE WHEN gone_at <> $8::timestamptz
                          THEN gone_before || gone_at ELSE gone_before END,
       back_done = $9::timestamptz, wake_at = $10::timestamptz
 WHERE tenant_id = $1::bigint AND store_id = $2::bigint
   AND redemption = $3::text;
