-- SPDX-License-Identifier: MIT
-- Reads the transaction that last wrote a member's state, by which facts are
-- noticed that were added since.
-- in:  tenant_id member_id
-- out: changed
SELECT xmin::text::bigint AS changed
  FROM member_state
 WHERE tenant_id = $1::bigint AND member_id = $2::bigint;
