-- SPDX-License-Identifier: MIT
-- Adds the orders of a batch that are told of for the first time.
-- in:  tenant_ids store_ids order_ids records owner_kinds owner_values member_ids version_ids revisions points reasons modified_at shop_ids
-- out:
INSERT INTO order_state (tenant_id, store_id, order_id, record, owner_kind,
	owner_value, member_id, version_id, revision, points, reason, modified_at,
	shop_id)
SELECT unnest($1::bigint[]), unnest($2::bigint[]), unnest($3::bigint[]),
       unnest($4::bytea[]), nullif(unnest($5::int[]), 0),
       unnest($6::text[]), nullif(unnest($7::bigint[]), 0),
       nullif(unnest($8::int[]), 0), unnest($9::int[]),
       unnest($10::bigint[]), unnest($11::text[]),
       unnest($12::timestamptz[]), nullif(unnest($13::bigint[]), 0);
