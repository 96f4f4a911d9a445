-- SPDX-License-Identifier: MIT
-- Finds entries whose lot is not one of their member's, though it should have a
-- row (verify_lots looks at the lots without one), and entries that filled a
-- lot from the lot's own source although the lot names another rule or program.
-- Lots are joined by their whole key: by a part of it, PostgreSQL may look at all
-- lots for each entry.
-- in:  limit
-- out: tenant_id what detail
SELECT e.tenant_id, 'entry ' || e.entry_id AS what,
       format('rule %s, version %s, member %s; its lot %s has %s, %s, %s',
	e.rule, e.version_id, e.member_id, e.lot_id, l.rule, l.version_id,
	l.member_id) AS detail
  FROM entry e
  LEFT JOIN lot l ON l.tenant_id = e.tenant_id AND l.member_id = e.member_id
   AND l.lot_id = e.lot_id
 WHERE e.lot_id IS NOT NULL AND l.lot_id IS NULL
	AND NOT (e.source = 1 AND e.wallet = 1)
    OR e.source = l.source AND e.store_id = l.store_id
	AND e.source_id = l.source_id
	AND e.debit = 10 AND e.credit IN (1, 2)
	AND (e.rule <> l.rule OR e.version_id <> l.version_id)
 LIMIT $1::bigint;
