-- SPDX-License-Identifier: MIT
-- Finds members for whom time alone has changed something, and members who
-- were looked at later than `ahead`, by a clock that was wrong; locks their
-- balances.  Members that another process has locked are left for the next
-- time, members that take more than `most` steps are left to state_alone.
-- in:  now ahead max wallet most
-- out: tenant_id member_id is_ahead
SELECT b.tenant_id, b.member_id, due.is_ahead
  FROM balance b
  JOIN (SELECT tenant_id, member_id, bool_or(x.is_ahead) AS is_ahead
          FROM ((SELECT tenant_id, member_id, false AS is_ahead
                   FROM member_state
                  WHERE due_at <= $1::timestamptz AND steps <= $5::bigint
                  ORDER BY due_at
                  LIMIT $3::bigint)
                UNION ALL
                (SELECT tenant_id, member_id, true
                   FROM member_state
                  WHERE folded_at > $2::timestamptz AND steps <= $5::bigint
                  ORDER BY folded_at
                  LIMIT $3::bigint)) AS x
         GROUP BY tenant_id, member_id) AS due
    ON due.tenant_id = b.tenant_id AND due.member_id = b.member_id
 WHERE b.wallet = $4::smallint
 ORDER BY b.tenant_id, b.member_id
   FOR UPDATE OF b SKIP LOCKED;
