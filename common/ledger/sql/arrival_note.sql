-- SPDX-License-Identifier: MIT
-- Notes that deliveries came to these addresses; in the order of the key, so
-- that two workers never wait for each other.
-- in:  tenant_ids store_ids platforms addresses last_at
-- out:
INSERT INTO arrival AS a (tenant_id, store_id, platform, address, last_at)
SELECT t.tenant_id, t.store_id, t.platform, t.address, max(t.last_at)
  FROM unnest($1::bigint[], $2::bigint[], $3::int[], $4::int[],
	$5::timestamptz[])
       AS t(tenant_id, store_id, platform, address, last_at)
 GROUP BY 1, 2, 3, 4
 ORDER BY 1, 2, 3, 4
ON CONFLICT (tenant_id, store_id, platform, address) DO UPDATE
   SET last_at = greatest(a.last_at, excluded.last_at);
