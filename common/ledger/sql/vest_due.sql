-- SPDX-License-Identifier: MIT
-- Counts the lots that are due, without those of timelines.
-- in:  now
-- out: due
SELECT count(*) AS due
  FROM lot l
 WHERE NOT vested AND remaining > 0 AND wallet = 1
   AND vests_at <= $1::timestamptz
   AND NOT EXISTS (SELECT FROM member_state s
	WHERE s.tenant_id = l.tenant_id AND s.member_id = l.member_id);
