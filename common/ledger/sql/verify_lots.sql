-- SPDX-License-Identifier: MIT
-- Finds lots in which something else is left than their entries have left
-- there.  Lots of timelines are left out: an entry of a timeline may be of
-- several lots, and verify_lot_sums compares all of them together.  Finds lots of
-- which there is more than one, too.  A lot without a row (lot_add) has only
-- entries of its order: given, or taken back, by one rule.
-- in:  limit
-- out: tenant_id what detail
WITH filled AS (
	SELECT tenant_id, lot_id,
	       sum(CASE WHEN credit IN (1, 2) THEN points ELSE 0 END
	         - CASE WHEN debit IN (1, 2) THEN points ELSE 0 END) AS points,
	       bool_and(source = 1 AND wallet = 1 AND (debit, credit)
	           IN ((10, 2), (2, 11)) AND NOT corrects)
	       AND min(member_id) = max(member_id)
	       AND (min(store_id), min(source_id), min(rule))
	         = (max(store_id), max(source_id), max(rule)) AS by_order
	  FROM entry WHERE lot_id IS NOT NULL
	 GROUP BY tenant_id, lot_id
)
SELECT tenant_id, 'lot ' || lot_id AS what,
       format('%s are left; by its entries %s', coalesce(l.remaining::text, 'none'),
	coalesce(f.points, 0)) AS detail
  FROM lot l FULL JOIN filled f USING (tenant_id, lot_id)
 WHERE l.remaining IS DISTINCT FROM coalesce(f.points, 0)
   AND NOT (l.remaining IS NULL AND f.by_order AND f.points >= 0)
   AND NOT EXISTS (SELECT FROM member_state s
	WHERE s.tenant_id = l.tenant_id AND s.member_id = l.member_id)
UNION ALL
SELECT tenant_id, 'lot ' || max(lot_id),
       format('one of %s of source %s %s of store %s, rule %s, member %s',
	count(*), source, source_id, store_id, rule, member_id)
  FROM lot
 GROUP BY tenant_id, store_id, source, source_id, rule, member_id, wallet
HAVING count(*) > 1
 LIMIT $1::bigint;
