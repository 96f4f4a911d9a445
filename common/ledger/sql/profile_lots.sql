-- SPDX-License-Identifier: MIT
-- Reads the lots of points that are the next to become available or to expire:
-- of each member those within a day and two hours, the longest day of a
-- calendar, of the first one.
-- in:  tenant_id member_ids
-- out: member_id vested remaining vests_at expires_at
SELECT member_id, vested, remaining, vests_at, expires_at
  FROM (SELECT member_id, vested, remaining, vests_at, expires_at,
               min(CASE WHEN vested THEN expires_at ELSE vests_at END)
                   OVER (PARTITION BY member_id, vested) AS first_at
          FROM lot
         WHERE tenant_id = $1::bigint AND member_id = ANY ($2::bigint[])
           AND wallet = 1 AND remaining > 0) AS l
 WHERE CASE WHEN vested THEN expires_at ELSE vests_at END
       <= first_at + interval '26 hours'
   AND first_at < 'infinity';
