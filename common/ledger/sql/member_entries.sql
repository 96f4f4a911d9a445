-- SPDX-License-Identifier: MIT
-- A member's entries, newest first.
-- in:  tenant_id member_id before max
-- out: entry_id store_id source source_id debit credit points version_id rule revision event_at posted_at
SELECT entry_id, store_id, source, source_id, debit, credit, points,
       version_id, rule, revision, event_at, posted_at
  FROM entry
 WHERE tenant_id = $1::bigint AND member_id = $2::bigint
   AND ($3::bigint = 0 OR entry_id < $3::bigint)
 ORDER BY entry_id DESC
 LIMIT $4::bigint;
