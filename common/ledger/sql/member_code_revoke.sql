-- SPDX-License-Identifier: MIT
-- Revokes all codes of a member.
-- in:  tenant_id member_id
-- out: code
UPDATE member_code
   SET revoked_at = now()
 WHERE tenant_id = $1::bigint AND member_id = $2::bigint
   AND revoked_at IS NULL
RETURNING code;
