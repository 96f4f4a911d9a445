-- SPDX-License-Identifier: MIT
-- Reads what is due for a store, beginning with the member whose turn it is,
-- and then from the first member again: by the key, so that a long queue is
-- not sorted for every call, and in turns, so that members who change all the
-- time do not keep out others.
-- in:  tenant_id store_id after_member max
-- out: member_id customer_id available pending debt version tries doubtful
SELECT member_id, customer_id, available, pending, debt, version, tries,
       coalesce(doubt_until > now(), false) AS doubtful
  FROM ((SELECT 1 AS turn, member_id, customer_id, available, pending, debt,
                version, tries, doubt_until
           FROM outbox
          WHERE tenant_id = $1::bigint AND store_id = $2::bigint
            AND member_id > $3::bigint
            AND rejected_at IS NULL AND not_before <= now()
          ORDER BY member_id
          LIMIT $4::bigint)
        UNION ALL
        (SELECT 2 AS turn, member_id, customer_id, available, pending, debt,
                version, tries, doubt_until
           FROM outbox
          WHERE tenant_id = $1::bigint AND store_id = $2::bigint
            AND member_id <= $3::bigint
            AND rejected_at IS NULL AND not_before <= now()
          ORDER BY member_id
          LIMIT $4::bigint)) AS due
 ORDER BY turn, member_id
 LIMIT $4::bigint;
