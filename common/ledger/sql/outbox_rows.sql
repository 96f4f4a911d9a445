-- SPDX-License-Identifier: MIT
-- What is due for a store, the longest waiting first.
-- in:  tenant_id store_id max
-- out: member_id customer_id available pending debt version tries
SELECT member_id, customer_id, available, pending, debt, version, tries
  FROM outbox
 WHERE tenant_id = $1::bigint AND store_id = $2::bigint
   AND rejected_at IS NULL AND not_before <= now()
 ORDER BY not_before, member_id
 LIMIT $3::bigint;
