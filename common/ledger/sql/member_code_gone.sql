-- SPDX-License-Identifier: MIT
-- Forgets the codes of customers who are gone, unless another shop still has them
-- as customers.
-- in:  tenant_ids store_ids customer_ids
-- out:
DELETE FROM member_code c
 USING unnest($1::bigint[], $2::bigint[], $3::bigint[])
       AS t(tenant_id, store_id, customer_id),
       identity i
 WHERE i.tenant_id = t.tenant_id AND i.store_id = t.store_id
   AND i.kind = 1 AND i.value = t.customer_id::text
   AND c.tenant_id = i.tenant_id AND c.member_id = i.member_id
   AND NOT EXISTS (SELECT FROM identity o
                    WHERE o.tenant_id = c.tenant_id
                      AND o.member_id = c.member_id
                      AND o.kind = 1 AND o.gone_at IS NULL);
