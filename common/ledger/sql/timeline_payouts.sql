-- SPDX-License-Identifier: MIT
-- When charities were paid, and what of it was the member's, once that is
-- posted.
-- in:  tenant_ids member_ids
-- out: i charity paid_at posted units
SELECT t.i, p.charity, p.paid_at, p.units IS NOT NULL AS posted,
       coalesce((SELECT sum(CASE WHEN e.debit = 16 THEN e.points
                                 ELSE -e.points END)
		   FROM entry e
		  WHERE e.tenant_id = t.tenant_id
		    AND e.member_id = t.member_id AND e.source = 7
		    AND e.source_id = 'payout:' || p.payout_id), 0)::bigint
       AS units
  FROM unnest($1::bigint[], $2::bigint[])
       WITH ORDINALITY AS t(tenant_id, member_id, i)
  JOIN payout p ON p.tenant_id = t.tenant_id
 ORDER BY t.i, p.paid_at, p.payout_id;
