-- SPDX-License-Identifier: MIT
-- Writes the orders of a batch as they now stand, in bytes in place of the JSON
-- of versions before; leaves what a timeline has written meanwhile (the program,
-- the revision).
-- in:  tenant_ids store_ids order_ids records owner_kinds owner_values member_ids version_ids revisions points reasons modified_at shop_ids
-- out:
UPDATE order_state o
   SET record = t.record, facts = NULL, owner_kind = nullif(t.owner_kind, 0),
       owner_value = t.owner_value, member_id = nullif(t.member_id, 0),
       version_id = coalesce(nullif(t.version_id, 0), o.version_id),
       revision = greatest(o.revision, t.revision), points = t.points,
       reason = t.reason, modified_at = t.modified_at,
       shop_id = coalesce(nullif(t.shop_id, 0), o.shop_id), changed_at = now()
  FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bytea[],
	$5::int[], $6::text[], $7::bigint[], $8::int[], $9::int[],
	$10::bigint[], $11::text[], $12::timestamptz[], $13::bigint[])
       AS t(tenant_id, store_id, order_id, record, owner_kind, owner_value,
	member_id, version_id, revision, points, reason, modified_at, shop_id)
 WHERE o.tenant_id = t.tenant_id AND o.store_id = t.store_id
   AND o.order_id = t.order_id;
