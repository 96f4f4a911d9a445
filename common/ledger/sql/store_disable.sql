-- SPDX-License-Identifier: MIT
-- Disables a store or enables it.  A store that is disabled already keeps the
-- moment at which it was.
-- in:  store_id disabled
-- out:
UPDATE store
   SET disabled_at = CASE WHEN $2::boolean
                          THEN coalesce(disabled_at, now()) END
 WHERE store_id = $1::bigint;
