-- SPDX-License-Identifier: MIT
-- Members for whom time alone has changed something, their balances locked;
-- those that another process holds are left for the next time.
-- in:  now max wallet
-- out: tenant_id member_id
SELECT b.tenant_id, b.member_id
  FROM balance b
  JOIN (SELECT tenant_id, member_id
          FROM member_state
         WHERE due_at <= $1::timestamptz
         ORDER BY due_at
         LIMIT $2::bigint) AS due
    ON due.tenant_id = b.tenant_id AND due.member_id = b.member_id
 WHERE b.wallet = $3::smallint
 ORDER BY b.tenant_id, b.member_id
   FOR UPDATE OF b SKIP LOCKED;
