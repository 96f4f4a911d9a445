-- SPDX-License-Identifier: MIT
-- Finds members without a timeline who have lots due, and locks their
-- balances; members that another process has locked are left for the next
-- time.  The lots are read by the next statement: they must be as new as the
-- lock.
--
-- Locks are taken in the order of the key, as work takes them.
-- in:  now max
-- out: tenant_id member_id available pending reserved debt lifetime_earned
SELECT b.tenant_id, b.member_id, b.available, b.pending, b.reserved, b.debt,
       b.lifetime_earned
  FROM balance b
  JOIN (SELECT DISTINCT tenant_id, member_id
          FROM (SELECT tenant_id, member_id
                  FROM lot l
                 WHERE NOT vested AND remaining > 0 AND wallet = 1
                   AND vests_at <= $1::timestamptz
                   AND NOT EXISTS (SELECT FROM member_state s
                                    WHERE s.tenant_id = l.tenant_id
                                      AND s.member_id = l.member_id)
                 ORDER BY vests_at
                 LIMIT $2::bigint) AS soonest) AS due
    ON due.tenant_id = b.tenant_id AND due.member_id = b.member_id
 WHERE b.wallet = 1
 ORDER BY b.tenant_id, b.member_id
   FOR UPDATE OF b SKIP LOCKED;
