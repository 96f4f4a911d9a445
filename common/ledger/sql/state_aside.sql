-- SPDX-License-Identifier: MIT
-- Sets members aside whose timeline takes too long to be folded among others:
-- schedule folds them alone, from this time on.
-- in:  tenant_ids member_ids steps at
-- out:
UPDATE member_state s
   SET due_at = least(s.due_at, $4::timestamptz), woken = true,
       steps = t.steps
  FROM unnest($1::bigint[], $2::bigint[], $3::bigint[])
       AS t(tenant_id, member_id, steps)
 WHERE s.tenant_id = t.tenant_id AND s.member_id = t.member_id;
