-- SPDX-License-Identifier: MIT
-- Posts the entries of a batch.  An entry that is there already (by the
-- business key) is a bug of ours and refused.
-- in:  tenant_ids member_ids store_ids sources debits credits parts revisions version_ids points lot_ids event_at source_ids rules whys
-- out:
INSERT INTO entry (tenant_id, member_id, store_id, source, debit, credit, part,
	revision, version_id, points, lot_id, event_at, source_id, rule, why)
SELECT unnest($1::bigint[]), unnest($2::bigint[]), unnest($3::bigint[]),
       unnest($4::int[]), unnest($5::int[]), unnest($6::int[]),
       unnest($7::int[]), unnest($8::int[]), unnest($9::int[]),
       unnest($10::bigint[]), nullif(unnest($11::bigint[]), 0),
       unnest($12::timestamptz[]), unnest($13::text[]), unnest($14::text[]),
       unnest($15::text[]);
