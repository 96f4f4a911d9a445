-- SPDX-License-Identifier: MIT
-- Finds the webhooks that a shop had once and has no more: all but those of these
-- topics.
-- in:  tenant_id store_id topics
-- out: topic url
SELECT topic, url
  FROM shop_hook
 WHERE tenant_id = $1::bigint AND store_id = $2::bigint
   AND NOT topic = ANY ($3::text[])
 ORDER BY topic;
