-- SPDX-License-Identifier: MIT
-- Removes the rows of customers who are gone: nobody is left to push to.
-- in:  tenant_ids store_ids customer_ids
-- out:
DELETE FROM outbox o
 USING unnest($1::bigint[], $2::bigint[], $3::bigint[])
       AS t(tenant_id, store_id, customer_id)
 WHERE o.tenant_id = t.tenant_id AND o.store_id = t.store_id
   AND o.customer_id = t.customer_id;
