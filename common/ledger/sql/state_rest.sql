-- SPDX-License-Identifier: MIT
-- Reads the end of a member's seam, the lots that are used last.
-- in:  tenant_id member_id from
-- out: rest
SELECT substr(seam, $3::bigint::int) AS rest
  FROM member_state
 WHERE tenant_id = $1::bigint AND member_id = $2::bigint;
