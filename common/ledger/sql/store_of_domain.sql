-- SPDX-License-Identifier: MIT
-- The first other store that has this domain, in any case, and is not
-- disabled.
-- in:  platform domain store_id
-- out: store_id
SELECT store_id
  FROM store
 WHERE platform = $1::bigint AND lower(domain) = lower($2::text)
   AND store_id <> $3::bigint AND disabled_at IS NULL
 ORDER BY store_id
 LIMIT 1;
