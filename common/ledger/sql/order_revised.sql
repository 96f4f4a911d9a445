-- SPDX-License-Identifier: MIT
-- Writes the revision under which entries of orders were posted.  An order
-- that moved from one member to another may be in the arrays twice.
-- in:  tenant_ids store_ids order_ids revisions
-- out:
UPDATE order_state o
   SET revision = t.revision
  FROM (SELECT tenant_id, store_id, order_id, max(revision) AS revision
          FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::int[])
               AS u(tenant_id, store_id, order_id, revision)
         GROUP BY tenant_id, store_id, order_id) AS t
 WHERE o.tenant_id = t.tenant_id AND o.store_id = t.store_id
   AND o.order_id = t.order_id AND o.revision < t.revision;
