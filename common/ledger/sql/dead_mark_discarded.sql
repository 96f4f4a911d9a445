-- SPDX-License-Identifier: MIT
-- in:  tenant_id dead_id
-- out:
UPDATE dead_letter
   SET discarded_at = now()
 WHERE tenant_id = $1::bigint AND dead_id = $2::bigint;
