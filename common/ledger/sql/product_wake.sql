-- SPDX-License-Identifier: MIT
-- Makes members due who wait for products that are known now.
-- in:  tenant_ids store_ids product_ids at
-- out:
WITH known AS (
	DELETE FROM product_wanted w
	 USING unnest($1::bigint[], $2::bigint[], $3::bigint[])
	       AS t(tenant_id, store_id, product_id)
	 WHERE w.tenant_id = t.tenant_id AND w.store_id = t.store_id
	   AND w.product_id = t.product_id
	RETURNING w.tenant_id, w.member_id
)
UPDATE member_state s
   SET due_at = least(s.due_at, $4::timestamptz), woken = true
  FROM (SELECT DISTINCT tenant_id, member_id FROM known) AS k
 WHERE s.tenant_id = k.tenant_id AND s.member_id = k.member_id;
