-- SPDX-License-Identifier: MIT
-- Entries of these orders were posted under these numbers.
-- in:  tenant_ids store_ids order_ids revisions
-- out:
UPDATE order_state o
   SET revision = greatest(o.revision, t.revision)
  FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::int[])
       AS t(tenant_id, store_id, order_id, revision)
 WHERE o.tenant_id = t.tenant_id AND o.store_id = t.store_id
   AND o.order_id = t.order_id;
