-- SPDX-License-Identifier: MIT
-- Sums what a member had in every wallet at a time: the entries of what had
-- happened by then, as it is known now.  Accounts as in verify_balances.
-- in:  tenant_id member_id at
-- out: id unit exponent available pending reserved debt lifetime_earned
WITH moved AS (
	SELECT wallet, debit AS account, -points AS points FROM entry
	 WHERE tenant_id = $1::bigint AND member_id = $2::bigint
	   AND event_at <= $3::timestamptz
	UNION ALL
	SELECT wallet, credit, points FROM entry
	 WHERE tenant_id = $1::bigint AND member_id = $2::bigint
	   AND event_at <= $3::timestamptz
), sums AS (
	SELECT wallet, sum(points) FILTER (WHERE account = 1) AS pending,
	       sum(points) FILTER (WHERE account = 2) AS available,
	       sum(points) FILTER (WHERE account = 3) AS reserved,
	       -sum(points) FILTER (WHERE account = 4) AS debt,
	       -sum(points) FILTER (WHERE account IN (10, 11)) AS lifetime_earned
	  FROM moved GROUP BY wallet
)
SELECT w.id, w.unit, w.exponent,
       coalesce(s.available, 0)::bigint AS available,
       coalesce(s.pending, 0)::bigint AS pending,
       coalesce(s.reserved, 0)::bigint AS reserved,
       coalesce(s.debt, 0)::bigint AS debt,
       coalesce(s.lifetime_earned, 0)::bigint AS lifetime_earned
  FROM wallet w
  LEFT JOIN sums s ON s.wallet = w.wallet
 WHERE w.tenant_id = $1::bigint
   AND (w.id <> 'charity' OR s.wallet IS NOT NULL)
 ORDER BY w.wallet;
