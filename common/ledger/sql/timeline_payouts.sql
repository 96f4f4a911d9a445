-- SPDX-License-Identifier: MIT
-- Reads when charities were paid, and, once that is posted, how much of it was
-- for the member.  `moved`: orders or facts of somebody else have become the
-- member's since.
-- in:  tenant_ids member_ids
-- out: i charity paid_at posted units moved
SELECT t.i, p.charity, p.paid_at, p.units IS NOT NULL AS posted,
       coalesce((SELECT sum(CASE WHEN e.debit = 16 THEN e.points
                                 ELSE -e.points END)
		   FROM entry e
		  WHERE e.tenant_id = t.tenant_id
		    AND e.member_id = t.member_id AND e.source = 7
		    AND e.source_id = 'payout:' || p.payout_id), 0)::bigint
       AS units,
       EXISTS (SELECT FROM order_state o
		  JOIN order_move v USING (tenant_id, store_id, order_id)
		 WHERE o.tenant_id = t.tenant_id AND o.member_id = t.member_id
		   AND v.moved_at >= p.paid_at)
       OR EXISTS (SELECT FROM member_fact f
		   WHERE f.tenant_id = t.tenant_id AND f.member_id = t.member_id
		     AND f.fact_id LIKE 'merge:%' AND f.told_at >= p.paid_at)
       AS moved
  FROM unnest($1::bigint[], $2::bigint[])
       WITH ORDINALITY AS t(tenant_id, member_id, i)
  JOIN payout p ON p.tenant_id = t.tenant_id
 ORDER BY t.i, p.paid_at, p.payout_id;
