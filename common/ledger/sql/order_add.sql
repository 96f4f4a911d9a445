-- SPDX-License-Identifier: MIT
-- Adds the orders of a batch that are told of for the first time.
-- in:  tenant_ids store_ids order_ids records owner_kinds owner_values member_ids version_ids revisions points reasons modified_at shop_ids
-- out:
INSERT INTO order_state (tenant_id, store_id, order_id, record, owner_kind,
	owner_value, member_id, version_id, revision, points, reason, modified_at,
	shop_id)
SELECT t.tenant_id, t.store_id, t.order_id, t.record, nullif(t.owner_kind, 0),
	t.owner_value, nullif(t.member_id, 0), nullif(t.version_id, 0),
	t.revision, t.points, t.reason, t.modified_at, nullif(t.shop_id, 0)
  FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bytea[],
	$5::int[], $6::text[], $7::bigint[], $8::int[], $9::int[],
	$10::bigint[], $11::text[], $12::timestamptz[], $13::bigint[])
       AS t(tenant_id, store_id, order_id, record, owner_kind, owner_value,
	member_id, version_id, revision, points, reason, modified_at, shop_id);
