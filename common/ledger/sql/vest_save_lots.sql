-- SPDX-License-Identifier: MIT
-- in:  tenant_ids lot_ids remaining
-- out:
UPDATE lot l
   SET vested = true, remaining = v.remaining
  FROM unnest($1::bigint[], $2::bigint[], $3::bigint[])
       AS v (tenant_id, lot_id, remaining)
 WHERE l.tenant_id = v.tenant_id AND l.lot_id = v.lot_id AND NOT l.vested;
