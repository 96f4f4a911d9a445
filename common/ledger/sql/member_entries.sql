-- SPDX-License-Identifier: MIT
-- Lists a member's entries, newest first.
-- in:  tenant_id member_id before max
-- out: entry_id store_id source source_id debit credit points version_id rule revision event_at posted_at wallet unit exponent party corrects
SELECT e.entry_id, e.store_id, e.source, e.source_id, e.debit, e.credit,
       e.points, e.version_id, e.rule, e.revision, e.event_at, e.posted_at,
       coalesce(w.id, e.wallet::text) AS wallet, w.unit, w.exponent, e.party,
       e.corrects
  FROM entry e
  LEFT JOIN wallet w ON w.tenant_id = e.tenant_id AND w.wallet = e.wallet
 WHERE e.tenant_id = $1::bigint AND e.member_id = $2::bigint
   AND ($3::bigint = 0 OR e.entry_id < $3::bigint)
 ORDER BY e.entry_id DESC
 LIMIT $4::bigint;
