-- SPDX-License-Identifier: MIT
-- Finds facts that are nobody's, facts that ask for a timeline their member
-- does not have, and tiers that are not numbered from 1.
-- in:  limit
-- out: tenant_id what detail
SELECT f.tenant_id, format('fact %s of store %s', f.fact_id, f.store_id) AS what,
       format('member %s is not there or has no timeline', f.member_id) AS detail
  FROM member_fact f
 WHERE NOT EXISTS (SELECT FROM balance m
	WHERE m.tenant_id = f.tenant_id AND m.member_id = f.member_id
	  AND m.wallet = 1)
    OR f.kind <> 2 AND NOT EXISTS (SELECT FROM member_state s
	WHERE s.tenant_id = f.tenant_id AND s.member_id = f.member_id)
UNION ALL
SELECT c.tenant_id, 'member ' || c.member_id,
       format('%s changes of tier, the last is number %s', count(*), max(c.number))
  FROM tier_change c
 GROUP BY c.tenant_id, c.member_id
HAVING count(*) <> max(c.number)
 LIMIT $1::bigint;
