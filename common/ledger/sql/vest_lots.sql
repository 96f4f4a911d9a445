-- SPDX-License-Identifier: MIT
-- Reads the lots of these members that are due, by member and date.
-- in:  tenant_ids member_ids now max
-- out: tenant_id member_id lot_id store_id version_id remaining vests_at rule
SELECT l.tenant_id, l.member_id, l.lot_id, l.store_id, l.version_id,
       l.remaining, l.vests_at, l.rule
  FROM unnest($1::bigint[], $2::bigint[]) AS m (tenant_id, member_id)
  JOIN lot l ON l.tenant_id = m.tenant_id AND l.member_id = m.member_id
 WHERE NOT l.vested AND l.remaining > 0 AND l.wallet = 1
   AND l.vests_at <= $3::timestamptz
   AND NOT EXISTS (SELECT FROM member_state s
	WHERE s.tenant_id = l.tenant_id AND s.member_id = l.member_id)
 ORDER BY l.tenant_id, l.member_id, l.vests_at, l.lot_id
 LIMIT $4::bigint;
