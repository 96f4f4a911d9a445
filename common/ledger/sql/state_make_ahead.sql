-- SPDX-License-Identifier: MIT
-- Gives a timeline to members of whom lots became available (source 2) later
-- than `ahead`, by a clock that was wrong: the timeline sets it right.
-- in:  now ahead
-- out:
INSERT INTO member_state (tenant_id, member_id, due_at)
SELECT DISTINCT e.tenant_id, e.member_id, $1::timestamptz
  FROM entry e
 WHERE e.source = 2 AND e.event_at > $2::timestamptz
   AND NOT EXISTS (SELECT FROM member_state s
	WHERE s.tenant_id = e.tenant_id AND s.member_id = e.member_id)
 ORDER BY 1, 2
ON CONFLICT DO NOTHING;
