-- SPDX-License-Identifier: MIT
-- Makes members due for whose referrals something has changed: the friends of
-- new referrals (by the ids of their facts), members whose referral is tied to
-- one of these orders, customers who may be other members now, and the other
-- side of all their referrals.
-- in:  fact_tenants fact_stores fact_ids order_tenants order_stores order_ids name_tenants name_stores name_values member_tenants member_ids kind at
-- out:
WITH seeds AS (
	SELECT x.tenant_id, x.member_id
	  FROM unnest($1::bigint[], $2::bigint[], $3::text[])
	       AS t(tenant_id, store_id, fact_id)
	  JOIN member_fact x ON x.tenant_id = t.tenant_id
	   AND x.store_id = t.store_id AND x.kind = $12::smallint
	   AND x.fact_id = t.fact_id
	UNION
	SELECT x.tenant_id, x.member_id
	  FROM unnest($4::bigint[], $5::bigint[], $6::bigint[])
	       AS t(tenant_id, store_id, order_id)
	  JOIN fact_order w ON w.tenant_id = t.tenant_id
	   AND w.store_id = t.store_id AND w.order_id = t.order_id
	  JOIN member_fact x ON x.tenant_id = w.tenant_id
	   AND x.store_id = w.store_id AND x.kind = $12::smallint
	   AND x.fact_id IN (w.fact_id, w.fact_id || ':referred')
	UNION
	SELECT i.tenant_id, i.member_id
	  FROM unnest($7::bigint[], $8::bigint[], $9::text[])
	       AS t(tenant_id, store_id, value)
	  JOIN identity i ON i.tenant_id = t.tenant_id
	   AND i.store_id = t.store_id AND i.kind = 1 AND i.value = t.value
	UNION
	SELECT t.tenant_id, t.member_id
	  FROM unnest($10::bigint[], $11::bigint[]) AS t(tenant_id, member_id)
), sides AS (
	SELECT s.tenant_id, s.member_id AS seed, o.member_id AS other
	  FROM seeds s
	  JOIN member_fact f ON f.tenant_id = s.tenant_id
	   AND f.member_id = s.member_id AND f.kind = $12::smallint
	  JOIN member_fact o ON o.tenant_id = f.tenant_id
	   AND o.store_id = f.store_id AND o.kind = f.kind
	   AND o.fact_id = CASE WHEN f.fact_id LIKE '%:referred'
		THEN left(f.fact_id, -length(':referred'))
		ELSE f.fact_id || ':referred' END
), woken AS (
	SELECT tenant_id, seed AS member_id FROM sides
	UNION
	SELECT tenant_id, other FROM sides
)
INSERT INTO member_state AS s (tenant_id, member_id, due_at, woken)
SELECT tenant_id, member_id, $13::timestamptz, true
  FROM woken
 ORDER BY tenant_id, member_id
ON CONFLICT (tenant_id, member_id) DO UPDATE
   SET due_at = least(s.due_at, excluded.due_at), woken = true;
