-- SPDX-License-Identifier: MIT
-- Has a member whose timeline cannot be posted looked at again later.
-- in:  tenant_id member_id at now steps
-- out:
UPDATE member_state
   SET due_at = $3::timestamptz, folded_at = $4::timestamptz,
       steps = greatest(steps, $5::bigint)
 WHERE tenant_id = $1::bigint AND member_id = $2::bigint;
