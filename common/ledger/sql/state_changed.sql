-- SPDX-License-Identifier: MIT
-- The transaction that last wrote a member's state: whether anybody has told
-- of something since is seen by it.
-- in:  tenant_id member_id
-- out: changed
SELECT xmin::text::bigint AS changed
  FROM member_state
 WHERE tenant_id = $1::bigint AND member_id = $2::bigint;
