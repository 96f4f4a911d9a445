-- SPDX-License-Identifier: MIT
-- Posts the entries of timelines.  An entry that is there already (by the
-- business key) is a bug of ours and refused.
-- in:  tenant_ids member_ids store_ids sources wallets debits credits parts revisions version_ids points lot_ids event_at source_ids rules parties corrects whys
-- out:
INSERT INTO entry (tenant_id, member_id, store_id, source, wallet, debit,
	credit, part, revision, version_id, points, lot_id, event_at,
	source_id, rule, party, corrects, why)
SELECT t.tenant_id, t.member_id, t.store_id, t.source, t.wallet, t.debit,
       t.credit, t.part, t.revision, t.version_id, t.points,
       nullif(t.lot_id, 0), t.event_at, t.source_id, t.rule, t.party,
       t.corrects, t.why
  FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::int[], $5::int[],
	$6::int[], $7::int[], $8::int[], $9::int[], $10::int[],
	$11::bigint[], $12::bigint[], $13::timestamptz[], $14::text[],
	$15::text[], $16::text[], $17::boolean[], $18::text[])
       AS t(tenant_id, member_id, store_id, source, wallet, debit, credit,
	part, revision, version_id, points, lot_id, event_at, source_id, rule,
	party, corrects, why);
