-- SPDX-License-Identifier: MIT
-- Writes down that a task is done, which spends its points.
-- in:  store_id redemption note by at
-- out: redemption
UPDATE reward r
   SET done_at = $5::timestamptz, captured_at = $5::timestamptz,
       note = $3::text, note_by = $4::text, wake_at = $5::timestamptz
  FROM store s
 WHERE s.store_id = $1::bigint AND r.tenant_id = s.tenant_id
   AND r.store_id = s.store_id AND r.redemption = $2::text AND r.stands = 1
   AND r.captured_at IS NULL AND r.revoked_at IS NULL
RETURNING r.redemption;
