-- SPDX-License-Identifier: MIT
-- Finds which of these addresses guests have in the store.
-- in:  tenant_ids store_ids kinds emails
-- out: i
SELECT t.i
  FROM unnest($1::bigint[], $2::bigint[], $3::int[], $4::text[])
       WITH ORDINALITY AS t(tenant_id, store_id, kind, email, i)
  JOIN identity g ON g.tenant_id = t.tenant_id AND g.store_id = t.store_id
   AND g.kind = t.kind AND g.value = t.email;
