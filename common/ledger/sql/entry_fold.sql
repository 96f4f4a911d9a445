-- SPDX-License-Identifier: MIT
-- Posts the entries of timelines.  An entry that is there already (by the
-- business key) is a bug of ours and refused.
-- in:  tenant_ids member_ids store_ids sources wallets debits credits parts revisions version_ids points lot_ids event_at source_ids rules parties corrects whys
-- out:
INSERT INTO entry (tenant_id, member_id, store_id, source, wallet, debit,
	credit, part, revision, version_id, points, lot_id, event_at,
	source_id, rule, party, corrects, why)
SELECT unnest($1::bigint[]), unnest($2::bigint[]), unnest($3::bigint[]),
       unnest($4::int[]), unnest($5::int[]), unnest($6::int[]),
       unnest($7::int[]), unnest($8::int[]), unnest($9::int[]),
       unnest($10::int[]), unnest($11::bigint[]),
       nullif(unnest($12::bigint[]), 0), unnest($13::timestamptz[]),
       unnest($14::text[]), unnest($15::text[]), unnest($16::text[]),
       unnest($17::boolean[]), unnest($18::text[]);
