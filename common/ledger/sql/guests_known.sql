-- SPDX-License-Identifier: MIT
-- Finds which of these addresses guests have in the store.
-- in:  tenant_ids store_ids kinds emails
-- out: i
SELECT t.i
  FROM (SELECT unnest($1::bigint[]) AS tenant_id,
	unnest($2::bigint[]) AS store_id, unnest($3::int[]) AS kind,
	unnest($4::text[]) AS email,
	generate_subscripts($1::bigint[], 1) AS i) AS t
  JOIN identity g ON g.tenant_id = t.tenant_id AND g.store_id = t.store_id
   AND g.kind = t.kind AND g.value = t.email;
