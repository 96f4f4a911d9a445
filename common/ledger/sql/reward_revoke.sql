-- SPDX-License-Identifier: MIT
-- Takes a reward back whose points are still set aside.
-- in:  store_id redemption reason by calls at
-- out: redemption
UPDATE reward r
   SET revoked_at = coalesce(r.revoked_at, $6::timestamptz), note = $3::text,
       note_by = $4::text,
       push_at = CASE WHEN $5::boolean THEN $6::timestamptz END,
       wake_at = CASE WHEN $5::boolean THEN r.wake_at
                      ELSE $6::timestamptz END
  FROM store s
 WHERE s.store_id = $1::bigint AND r.tenant_id = s.tenant_id
   AND r.store_id = s.store_id AND r.redemption = $2::text AND r.stands = 1
   AND r.captured_at IS NULL
RETURNING r.redemption;
