-- SPDX-License-Identifier: MIT
-- Reads what shops and orders have made of members' rewards.  A reward that
-- several orders used has a row for each, and one for each time that it was gone
-- before it began anew; one that has neither has a single row.  The shop's clock
-- is not ours: no use is before its redemption.
-- in:  tenant_ids member_ids
-- out: i store_id redemption version_id captured_at gone_at order_id at undone_at undone_how form gone_before
SELECT t.i, f.store_id, f.fact_id AS redemption, f.version_id, r.captured_at,
       r.gone_at, u.order_id, greatest(u.at, f.at) AS at,
       CASE WHEN u.undone_at IS NOT NULL
            THEN greatest(u.undone_at, u.at, f.at) END AS undone_at, u.undone_how,
       r.form, u.gone_before
  FROM unnest($1::bigint[], $2::bigint[])
       WITH ORDINALITY AS t(tenant_id, member_id, i)
  JOIN member_fact f ON f.tenant_id = t.tenant_id
   AND f.member_id = t.member_id
  JOIN reward r ON r.tenant_id = f.tenant_id AND r.store_id = f.store_id
   AND r.redemption = f.fact_id
  LEFT JOIN LATERAL (
	SELECT x.order_id, x.at, x.undone_at, x.undone_how,
	       NULL::timestamptz AS gone_before
	  FROM reward_use x
	 WHERE x.tenant_id = r.tenant_id AND x.store_id = r.store_id
	   AND x.redemption = r.redemption
	UNION ALL
	SELECT NULL, NULL, NULL, NULL, g.at FROM unnest(r.gone_before) AS g(at)
       ) AS u ON true
 WHERE f.kind = 3 AND f.refused IS NULL
 ORDER BY t.i, f.store_id, f.fact_id;
