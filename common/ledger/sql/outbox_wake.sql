-- SPDX-License-Identifier: MIT
-- Makes balances of a store due that wait after a failure and, with `rejected`,
-- those that were set aside for good, which wait from now on.  Takes them in
-- ascending order, as others do.
-- in:  tenant_id store_id rejected
-- out:
WITH late AS (
	SELECT member_id
	  FROM outbox
	 WHERE tenant_id = $1::bigint AND store_id = $2::bigint
	   AND (not_before > now() AND rejected_at IS NULL
	        OR rejected_at IS NOT NULL AND $3::boolean)
	 ORDER BY member_id
	   FOR UPDATE
)
UPDATE outbox o
   SET not_before = '-infinity', tries = 0, last_error = NULL,
       waits_since = CASE WHEN o.rejected_at IS NULL THEN o.waits_since
                          ELSE now() END,
       rejected_at = NULL
  FROM late
 WHERE o.tenant_id = $1::bigint AND o.store_id = $2::bigint
   AND o.member_id = late.member_id;
