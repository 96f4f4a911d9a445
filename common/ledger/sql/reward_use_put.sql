-- SPDX-License-Identifier: MIT
-- Keeps which rewards the orders of a batch have used, by their codes.  An order
-- that is undone stays undone since it was first told so.
-- in:  tenant_ids store_ids order_ids codes member_ids at undone_at undone_how
-- out:
INSERT INTO reward_use AS u (tenant_id, store_id, redemption, order_id,
	member_id, at, undone_at, undone_how)
SELECT DISTINCT ON (c.tenant_id, c.store_id, c.redemption, t.order_id)
       c.tenant_id, c.store_id, c.redemption, t.order_id,
       nullif(t.member_id, 0), t.at, t.undone_at, t.undone_how
  FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[],
	$5::bigint[], $6::timestamptz[], $7::timestamptz[], $8::int[])
       AS t(tenant_id, store_id, order_id, code, member_id, at, undone_at,
	undone_how)
  JOIN reward_code c ON c.tenant_id = t.tenant_id
   AND c.store_id = t.store_id AND c.code = t.code
 ORDER BY c.tenant_id, c.store_id, c.redemption, t.order_id,
       t.undone_at NULLS FIRST
ON CONFLICT (tenant_id, store_id, redemption, order_id) DO UPDATE
   SET member_id = excluded.member_id, at = excluded.at,
       undone_at = CASE WHEN excluded.undone_at IS NOT NULL
                        THEN least(u.undone_at, excluded.undone_at) END,
       undone_how = excluded.undone_how
 WHERE (u.member_id, u.at, u.undone_at, u.undone_how) IS DISTINCT FROM
       (excluded.member_id, excluded.at, excluded.undone_at,
	excluded.undone_how);
