-- SPDX-License-Identifier: MIT
-- Finds orders whose points (wallet 1) do not stand in the ledger for the
-- member the order belongs to and for nobody else, under the program that
-- first awarded them.  What schedule is still to post is left out.
-- in:  limit
-- out: tenant_id what detail
WITH held AS (
	SELECT tenant_id, store_id, source_id, member_id,
	       coalesce(sum(CASE WHEN debit IN (10, 11) THEN points
	                WHEN credit IN (10, 11) THEN -points
	                ELSE 0 END) FILTER (WHERE wallet = 1), 0) AS points,
	       min(version_id) AS oldest, max(version_id) AS newest,
	       max(revision) AS revision
	  FROM entry WHERE source = 1
	 GROUP BY tenant_id, store_id, source_id, member_id
), orders AS (
	SELECT tenant_id, store_id, source_id,
	       count(*) FILTER (WHERE points <> 0) AS holders,
	       min(member_id) FILTER (WHERE points <> 0) AS member_id,
	       sum(points) AS points, min(oldest) AS oldest,
	       max(newest) AS newest, max(revision) AS revision
	  FROM held GROUP BY tenant_id, store_id, source_id
)
SELECT coalesce(o.tenant_id, h.tenant_id) AS tenant_id,
       'order ' || coalesce(o.order_id::text, h.source_id) || ' of store '
	|| coalesce(o.store_id, h.store_id) AS what,
       format('%s points of member %s at revision %s; by its entries %s of member %s at revision %s, %s holders, versions %s to %s',
	coalesce(o.points::text, '-'), coalesce(o.member_id::text, '-'),
	coalesce(o.revision::text, '-'),
	coalesce(h.points, 0), coalesce(h.member_id::text, '-'),
	coalesce(h.revision, 0), coalesce(h.holders, 0),
	coalesce(h.oldest::text, '-'), coalesce(h.newest::text, '-')) AS detail
  FROM order_state o
  FULL JOIN orders h ON h.tenant_id = o.tenant_id
   AND h.store_id = o.store_id AND h.source_id = o.order_id::text
 WHERE (o.points IS DISTINCT FROM coalesce(h.points, 0)
    OR o.revision IS DISTINCT FROM coalesce(h.revision, 0)
    OR h.holders > 1
    OR h.holders = 1 AND h.member_id IS DISTINCT FROM o.member_id
    OR h.oldest IS DISTINCT FROM h.newest
    OR h.oldest IS NOT NULL AND h.oldest IS DISTINCT FROM o.version_id)
   AND NOT EXISTS (SELECT FROM member_state s
	WHERE s.tenant_id = coalesce(o.tenant_id, h.tenant_id)
	  AND s.member_id IN (o.member_id, h.member_id) AND s.woken)
 LIMIT $1::bigint;
