-- SPDX-License-Identifier: MIT
-- Writes the state of a reward at its shop.  If the fold has changed its columns
-- since they were read (`changes`), or an operator has revoked it since, the reward
-- is looked at again at once.  Its points are not spent before that if it was
-- revoked.
-- in:  tenant_id store_id redemption changes state cause generation code made_as issued_at captured_at gone_at back_done doubt_until seen_used_at tries why push_at wakes now revoked_at
-- out:
UPDATE reward
   SET state = $5::smallint, cause = $6::smallint, generation = $7::int,
       code = $8::text, made_as = $9::text, issued_at = $10::timestamptz,
       captured_at = CASE WHEN revoked_at IS NOT DISTINCT FROM $21::timestamptz
                          THEN $11::timestamptz ELSE captured_at END,
       gone_at = $12::timestamptz,
       gone_before = CASE WHEN gone_at <> $12::timestamptz
                          THEN gone_before || gone_at ELSE gone_before END,
       back_done = $13::timestamptz, doubt_until = $14::timestamptz,
       seen_used_at = $15::timestamptz, tries = $16::int, why = $17::text,
       push_at = CASE WHEN changes = $4::int
                       AND revoked_at IS NOT DISTINCT FROM $21::timestamptz
                      THEN $18::timestamptz
                      ELSE $20::timestamptz END,
       wake_at = CASE WHEN $19::boolean THEN $20::timestamptz ELSE wake_at END
 WHERE tenant_id = $1::bigint AND store_id = $2::bigint
   AND redemption = $3::text;
