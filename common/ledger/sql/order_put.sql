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
  FROM (SELECT unnest($1::bigint[]) AS tenant_id,
	unnest($2::bigint[]) AS store_id, unnest($3::bigint[]) AS order_id,
	unnest($4::bytea[]) AS record, unnest($5::int[]) AS owner_kind,
	unnest($6::text[]) AS owner_value, unnest($7::bigint[]) AS member_id,
	unnest($8::int[]) AS version_id, unnest($9::int[]) AS revision,
	unnest($10::bigint[]) AS points, unnest($11::text[]) AS reason,
	unnest($12::timestamptz[]) AS modified_at,
	unnest($13::bigint[]) AS shop_id) AS t
 WHERE o.tenant_id = t.tenant_id AND o.store_id = t.store_id
   AND o.order_id = t.order_id;
