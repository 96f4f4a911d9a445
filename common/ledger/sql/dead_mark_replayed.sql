-- SPDX-License-Identifier: MIT
-- Closes a letter as replayed, unless it died again since the operator looked
-- at it.
-- in:  tenant_id dead_id times
-- out:
UPDATE dead_letter
   SET replayed_at = now()
 WHERE tenant_id = $1::bigint AND dead_id = $2::bigint
   AND times = $3::bigint;
