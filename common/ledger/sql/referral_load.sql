-- SPDX-License-Identifier: MIT
-- Reads the referrals of the friends whom the given facts name, friend by
-- friend, each with the member whose fact it is now, and the order that the
-- referral is tied to (the shop's own order goes before one that was sent with
-- the same id).
-- in:  tenant_ids store_ids kinds friend_fact_ids
-- out: tenant_id friend store_id fact_id referrer facts ordered_by record order_facts version_id
WITH friends AS (
	SELECT DISTINCT x.tenant_id, x.member_id, x.kind
	  FROM unnest($1::bigint[], $2::bigint[], $3::int[], $4::text[])
	       AS t(tenant_id, store_id, kind, fact_id)
	  JOIN member_fact x ON x.tenant_id = t.tenant_id
	   AND x.store_id = t.store_id AND x.kind = t.kind
	   AND x.fact_id = t.fact_id
)
SELECT f.tenant_id, f.member_id AS friend, r.store_id, r.fact_id,
       r.member_id AS referrer, r.facts, o.member_id AS ordered_by,
       o.record, o.facts AS order_facts, o.version_id
  FROM friends n
  JOIN member_fact f ON f.tenant_id = n.tenant_id
   AND f.member_id = n.member_id AND f.kind = n.kind
   AND f.fact_id LIKE '%:referred'
  JOIN member_fact r ON r.tenant_id = f.tenant_id
   AND r.store_id = f.store_id AND r.kind = f.kind
   AND r.fact_id = left(f.fact_id, -length(':referred'))
  LEFT JOIN LATERAL (
	SELECT s.member_id, s.record, s.facts, s.version_id
	  FROM fact_order w
	  JOIN order_state s ON s.tenant_id = w.tenant_id
	   AND s.store_id = w.store_id AND s.order_id = w.order_id
	 WHERE w.tenant_id = r.tenant_id AND w.store_id = r.store_id
	   AND w.fact_id = r.fact_id
	 ORDER BY w.order_id DESC
	 LIMIT 1) AS o ON true
 ORDER BY f.tenant_id, f.member_id;
