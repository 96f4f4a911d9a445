-- SPDX-License-Identifier: MIT
-- Remembers the webhooks by which a shop delivers here.
-- in:  tenant_id store_id topics urls
-- out:
INSERT INTO shop_hook AS h (tenant_id, store_id, topic, url)
SELECT DISTINCT ON (t.topic) $1::bigint, $2::bigint, t.topic, t.url
  FROM unnest($3::text[], $4::text[]) AS t(topic, url)
 ORDER BY t.topic, t.url
ON CONFLICT (tenant_id, store_id, topic) DO UPDATE
   SET url = excluded.url, seen_at = excluded.seen_at
 WHERE h.url <> excluded.url;
