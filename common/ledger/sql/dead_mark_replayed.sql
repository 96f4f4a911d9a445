-- SPDX-License-Identifier: MIT
-- Unless it died again since it was looked at: then it stays open.
-- in:  tenant_id dead_id times
-- out:
UPDATE dead_letter
   SET replayed_at = now()
 WHERE tenant_id = $1::bigint AND dead_id = $2::bigint
   AND times = $3::bigint;
