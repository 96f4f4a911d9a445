-- SPDX-License-Identifier: MIT
-- Lists rewards of a store, the newest first: of one member, of one redemption,
-- or those of some forms that are not done; 0, NULL and no form stand for all.
-- in:  store_id member_id redemption forms max
-- out: redemption reward version_id form units customer_id asked_at ends_at stands used_at back back_at changes state cause generation code made_as captured_at gone_at back_done doubt_until seen_used_at revoked_at issued_at tries why now member_id used_by note note_by orders
SELECT r.redemption, r.reward, r.version_id, r.form, r.units, r.customer_id,
       r.asked_at, r.ends_at, r.stands, r.used_at, r.back, r.back_at, r.changes,
       r.state, r.cause, r.generation, r.code, r.made_as, r.captured_at,
       r.gone_at, r.back_done, r.doubt_until, r.seen_used_at, r.revoked_at,
       r.issued_at, r.tries, r.why, now() AS now, f.member_id, r.used_by,
       r.note, r.note_by,
       (SELECT string_agg(x.order_id || CASE WHEN x.undone_at IS NULL
	            THEN '' ELSE ' (undone)' END, ', '
	            ORDER BY x.at, x.order_id)
          FROM reward_use x
         WHERE x.tenant_id = r.tenant_id AND x.store_id = r.store_id
           AND x.redemption = r.redemption) AS orders
  FROM store s
  JOIN reward r USING (tenant_id, store_id)
  JOIN member_fact f ON f.tenant_id = r.tenant_id
   AND f.store_id = r.store_id AND f.kind = 3 AND f.fact_id = r.redemption
 WHERE s.store_id = $1::bigint
   AND ($2::bigint = 0 OR f.member_id = $2::bigint)
   AND ($3::text IS NULL OR r.redemption = $3::text)
   AND (cardinality($4::int[]) = 0 OR r.form = ANY ($4::int[]) AND r.stands = 1)
 ORDER BY r.asked_at DESC, r.redemption
 LIMIT $5::bigint;
