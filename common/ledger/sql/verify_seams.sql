-- SPDX-License-Identifier: MIT
-- Picks some members whose timelines have a seam that is in use.
-- in:  max
-- out: tenant_id member_id seam since
SELECT tenant_id, member_id, seam, since
  FROM member_state
 WHERE seam_xact = xmin::text::bigint
 ORDER BY random()
 LIMIT $1;
