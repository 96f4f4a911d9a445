-- SPDX-License-Identifier: MIT
-- A member whose timeline cannot be posted is looked at again later.
-- in:  tenant_id member_id at now
-- out:
UPDATE member_state
   SET due_at = $3::timestamptz, folded_at = $4::timestamptz
 WHERE tenant_id = $1::bigint AND member_id = $2::bigint;
