-- SPDX-License-Identifier: MIT
-- Finds since when the oldest of what is due waits: a lot, a member's timeline
-- or a payout; NULL: nothing is due.  Members that are left for a day are not
-- due.
-- in:  now ahead hopeless tried
-- out: due_at
SELECT least(
	(SELECT vests_at
	   FROM lot l
	  WHERE NOT vested AND remaining > 0 AND wallet = 1
	    AND vests_at <= $1::timestamptz
	    AND NOT EXISTS (SELECT FROM member_state s
		WHERE s.tenant_id = l.tenant_id AND s.member_id = l.member_id)
	  ORDER BY vests_at
	  LIMIT 1),
	(SELECT due_at
	   FROM member_state
	  WHERE due_at <= $1::timestamptz
	    AND NOT (steps > $3::bigint AND coalesce(
		folded_at > $4::timestamptz
		AND folded_at <= $2::timestamptz, false))
	  ORDER BY due_at
	  LIMIT 1),
	(SELECT paid_at
	   FROM payout
	  WHERE units IS NULL AND paid_at <= $1::timestamptz
	  ORDER BY paid_at
	  LIMIT 1)) AS due_at;
