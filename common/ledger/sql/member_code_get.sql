-- SPDX-License-Identifier: MIT
-- Reads the newest code of a member that was not revoked.
-- in:  tenant_id member_id
-- out: code
SELECT code
  FROM member_code
 WHERE tenant_id = $1::bigint AND member_id = $2::bigint
   AND revoked_at IS NULL
 ORDER BY made_at DESC, code
 LIMIT 1;
