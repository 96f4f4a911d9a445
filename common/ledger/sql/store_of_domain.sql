-- SPDX-License-Identifier: MIT
-- Finds the first other store that has a domain, in any spelling that older
-- versions kept, and is not disabled.
-- in:  platform domain store_id
-- out: store_id
SELECT store_id
  FROM store
 WHERE platform = $1::bigint
   AND regexp_replace(lower(domain), '[.]?(:(80|443))?$', '')
       = regexp_replace(lower($2::text), '[.]?(:(80|443))?$', '')
   AND store_id <> $3::bigint AND disabled_at IS NULL
 ORDER BY store_id
 LIMIT 1;
