-- SPDX-License-Identifier: MIT
-- Locks members' timelines, in ascending order, and counts the changes of
-- members' tiers that are written down.  `seam` is without the lots at its
-- end.
-- in:  tenant_ids member_ids
-- out: i steps changed tiers seam since tier tier_until memberships metric benefits folded_at
SELECT t.i, s.steps, s.xmin::text::bigint AS changed,
       (SELECT count(*) FROM tier_change c
         WHERE c.tenant_id = s.tenant_id AND c.member_id = s.member_id) AS tiers,
       CASE WHEN s.seam_xact % 4294967296 = s.xmin::text::bigint
	THEN substr(s.seam, 1, (s.seam_xact / 4294967296)::int) END AS seam,
       CASE WHEN s.seam_xact % 4294967296 = s.xmin::text::bigint
	THEN s.since END AS since,
       s.tier, s.tier_until, s.memberships, s.metric, s.benefits,
       s.folded_at
  FROM unnest($1::bigint[], $2::bigint[])
       WITH ORDINALITY AS t(tenant_id, member_id, i)
  JOIN member_state s ON s.tenant_id = t.tenant_id
   AND s.member_id = t.member_id
 ORDER BY s.tenant_id, s.member_id
   FOR UPDATE OF s;
