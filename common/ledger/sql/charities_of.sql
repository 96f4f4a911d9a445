-- SPDX-License-Identifier: MIT
-- Sums what is owed to each charity because of a member.
-- in:  tenant_id member_id
-- out: party exponent owed
SELECT e.party, max(w.exponent) AS exponent,
       sum(CASE WHEN e.credit = 16 THEN e.points
                WHEN e.debit = 16 THEN -e.points ELSE 0 END)::bigint AS owed
  FROM entry e
  JOIN wallet w ON w.tenant_id = e.tenant_id AND w.wallet = e.wallet
 WHERE e.tenant_id = $1::bigint AND e.member_id = $2::bigint
   AND e.party <> ''
 GROUP BY 1
 ORDER BY 1;
