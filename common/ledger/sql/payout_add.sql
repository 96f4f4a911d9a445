-- SPDX-License-Identifier: MIT
-- Notes that a charity was paid; does nothing if the charity is owed nothing
-- by then, or a payout to it waits to be posted.
-- in:  store_id charity paid_at paid_by
-- out: payout_id
INSERT INTO payout (tenant_id, charity, paid_at, paid_by)
SELECT s.tenant_id, $2::text, $3::timestamptz, $4::text
  FROM store s
 WHERE s.store_id = $1::bigint
   AND 0 < (SELECT sum(CASE WHEN e.credit = 16 THEN e.points
                            ELSE -e.points END)
	      FROM entry e
	     WHERE e.tenant_id = s.tenant_id AND e.party = $2::text
	       AND 16 IN (e.debit, e.credit)
	       AND e.event_at <= $3::timestamptz)
   AND NOT EXISTS (SELECT FROM payout p
	WHERE p.tenant_id = s.tenant_id AND p.charity = $2::text
	  AND p.units IS NULL)
RETURNING payout_id;
