-- SPDX-License-Identifier: MIT
-- Gives a member's codes to another one.
-- in:  tenant_id from_member to_member
-- out:
UPDATE member_code
   SET member_id = $3::bigint
 WHERE tenant_id = $1::bigint AND member_id = $2::bigint;
