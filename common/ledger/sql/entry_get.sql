-- SPDX-License-Identifier: MIT
-- Reads one entry, and what stood of its movement before; with its member's
-- number (0: any) the entry is found at once.
-- in:  entry_id member_id
-- out: tenant_id member_id store_id source source_id rule wallet party debit credit points version_id revision event_at posted_at corrects why stood
SELECT e.tenant_id, e.member_id, e.store_id, e.source, e.source_id, e.rule,
       coalesce(w.id, e.wallet::text) AS wallet, e.party, e.debit, e.credit,
       e.points, e.version_id, e.revision, e.event_at, e.posted_at,
       e.corrects, e.why,
       -- what stood of the same movement before this entry
       (SELECT coalesce(sum(CASE WHEN b.corrects THEN -b.points
	ELSE b.points END), 0)::bigint
	  FROM entry b
	 WHERE b.tenant_id = e.tenant_id AND b.member_id = e.member_id
	   AND b.store_id = e.store_id AND b.source = e.source
	   AND b.source_id = e.source_id AND b.rule = e.rule
	   AND b.wallet = e.wallet AND b.party = e.party
	   AND b.entry_id < e.entry_id
	   AND (b.corrects = e.corrects AND b.debit = e.debit
		AND b.credit = e.credit OR b.corrects <> e.corrects
		AND b.debit = e.credit AND b.credit = e.debit)) AS stood
  FROM entry e
  LEFT JOIN wallet w ON w.tenant_id = e.tenant_id AND w.wallet = e.wallet
 WHERE e.entry_id = $1::bigint
   AND ($2::bigint = 0 OR e.member_id = $2::bigint);
