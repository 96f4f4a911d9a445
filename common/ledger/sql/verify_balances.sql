-- SPDX-License-Identifier: MIT
-- Finds balances that are not the sums of their entries.  Accounts: 1 pending,
-- 2 available, 3 reserved, 4 debt, 10 issued, 11 reversed.
-- in:  limit
-- out: tenant_id what detail
WITH moved AS (
	SELECT tenant_id, member_id, wallet, debit AS account, -points AS points FROM entry
	UNION ALL
	SELECT tenant_id, member_id, wallet, credit, points FROM entry
), sums AS (
	SELECT tenant_id, member_id, wallet,
	       sum(points) FILTER (WHERE account = 1) AS pending,
	       sum(points) FILTER (WHERE account = 2) AS available,
	       sum(points) FILTER (WHERE account = 3) AS reserved,
	       -sum(points) FILTER (WHERE account = 4) AS debt,
	       -sum(points) FILTER (WHERE account IN (10, 11)) AS lifetime_earned
	  FROM moved GROUP BY tenant_id, member_id, wallet
)
SELECT tenant_id, 'member ' || member_id AS what,
       format('available %s, pending %s, reserved %s, debt %s, earned %s; by its entries %s, %s, %s, %s, %s',
	coalesce(b.available::text, '-'), coalesce(b.pending::text, '-'),
	coalesce(b.reserved::text, '-'), coalesce(b.debt::text, '-'),
	coalesce(b.lifetime_earned::text, '-'),
	coalesce(s.available, 0), coalesce(s.pending, 0),
	coalesce(s.reserved, 0), coalesce(s.debt, 0),
	coalesce(s.lifetime_earned, 0)) AS detail
  FROM balance b FULL JOIN sums s USING (tenant_id, member_id, wallet)
 WHERE b.available IS DISTINCT FROM coalesce(s.available, 0)
    OR b.pending IS DISTINCT FROM coalesce(s.pending, 0)
    OR b.reserved IS DISTINCT FROM coalesce(s.reserved, 0)
    OR b.debt IS DISTINCT FROM coalesce(s.debt, 0)
    OR b.lifetime_earned IS DISTINCT FROM coalesce(s.lifetime_earned, 0)
 LIMIT $1::bigint;
