-- SPDX-License-Identifier: MIT
-- Finds balances whose available points are not what is left in vested lots,
-- or whose pending points are not what is left in the others; and members who
-- owe points while they have some.
-- in:  limit
-- out: tenant_id what detail
WITH lots AS (
	SELECT tenant_id, member_id, wallet,
	       coalesce(sum(remaining) FILTER (WHERE vested), 0) AS available,
	       coalesce(sum(remaining) FILTER (WHERE NOT vested), 0) AS pending
	  FROM (SELECT tenant_id, member_id, wallet, vested, remaining FROM lot
		UNION ALL
		-- the lots without a row (lot_add)
		SELECT e.tenant_id, e.member_id, e.wallet, true,
		       CASE WHEN e.credit IN (1, 2) THEN e.points
		            ELSE -e.points END
		  FROM entry e
		  LEFT JOIN lot l ON l.tenant_id = e.tenant_id
		   AND l.member_id = e.member_id AND l.lot_id = e.lot_id
		 WHERE e.lot_id IS NOT NULL AND l.lot_id IS NULL) AS l
	 GROUP BY tenant_id, member_id, wallet
)
SELECT tenant_id, 'member ' || member_id AS what,
       format('available %s, pending %s, debt %s; in lots %s and %s',
	coalesce(b.available::text, '-'), coalesce(b.pending::text, '-'),
	coalesce(b.debt::text, '-'), coalesce(l.available, 0),
	coalesce(l.pending, 0)) AS detail
  FROM balance b FULL JOIN lots l USING (tenant_id, member_id, wallet)
 WHERE b.available IS DISTINCT FROM coalesce(l.available, 0)
    OR b.pending IS DISTINCT FROM coalesce(l.pending, 0)
    OR b.debt > 0 AND b.available > 0
 LIMIT $1::bigint;
