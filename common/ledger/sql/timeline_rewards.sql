-- SPDX-License-Identifier: MIT
-- Reads what shops and orders have made of members' rewards.  A reward that
-- several orders used has a row for each, one that none used a single row.  The
-- shop's clock is not ours: no use is before its redemption.
-- in:  tenant_ids member_ids
-- out: i store_id redemption version_id captured_at gone_at order_id at undone_at undone_how form
SELECT t.i, f.store_id, f.fact_id AS redemption, f.version_id, r.captured_at,
       r.gone_at, u.order_id, greatest(u.at, f.at) AS at,
       CASE WHEN u.undone_at IS NOT NULL
            THEN greatest(u.undone_at, u.at, f.at) END AS undone_at, u.undone_how,
       r.form
  FROM unnest($1::bigint[], $2::bigint[])
       WITH ORDINALITY AS t(tenant_id, member_id, i)
  JOIN member_fact f ON f.tenant_id = t.tenant_id
   AND f.member_id = t.member_id
  JOIN reward r ON r.tenant_id = f.tenant_id AND r.store_id = f.store_id
   AND r.redemption = f.fact_id
  LEFT JOIN reward_use u ON u.tenant_id = r.tenant_id
   AND u.store_id = r.store_id AND u.redemption = r.redemption
 WHERE f.kind = 3 AND f.refused IS NULL
 ORDER BY t.i, f.store_id, f.fact_id;
