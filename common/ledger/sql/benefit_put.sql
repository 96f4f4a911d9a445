-- SPDX-License-Identifier: MIT
-- Writes what a shop has of a benefit.  If something else is wanted by now, the
-- benefit is looked at again at once.
-- in:  tenant_id store_id benefit wanted made title made_as segment_as state doubt_until right_at tries why push_at now
-- out:
UPDATE benefit_at_shop
   SET made = $5::text, title = $6::text, made_as = $7::text,
       segment_as = $8::text, doubt_until = $10::timestamptz,
       right_at = coalesce($11::timestamptz, right_at), why = $13::text,
       state = CASE WHEN wanted IS NOT DISTINCT FROM $4::text
                    THEN $9::smallint ELSE 1 END,
       tries = CASE WHEN wanted IS NOT DISTINCT FROM $4::text
                    THEN $12::int ELSE 0 END,
       push_at = CASE WHEN wanted IS NOT DISTINCT FROM $4::text
                      THEN $14::timestamptz ELSE $15::timestamptz END
 WHERE tenant_id = $1::bigint AND store_id = $2::bigint
   AND benefit = $3::text;
