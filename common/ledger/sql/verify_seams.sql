-- SPDX-License-Identifier: MIT
-- Picks some members whose timelines have a seam that is in use.
-- in:  max
-- out: tenant_id member_id seam since
SELECT tenant_id, member_id,
       substr(seam, 1, (seam_xact / 4294967296)::int) AS seam, since
  FROM member_state
 WHERE seam_xact % 4294967296 = xmin::text::bigint
 ORDER BY random()
 LIMIT $1;
