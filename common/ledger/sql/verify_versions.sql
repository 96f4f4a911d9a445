-- SPDX-License-Identifier: MIT
-- Every entry names a rule, and a program that was published.
-- in:  limit
-- out: tenant_id what detail
SELECT e.tenant_id, 'entry ' || e.entry_id AS what,
       format('rule "%s", version %s of store %s', e.rule, e.version_id,
	e.store_id) AS detail
  FROM entry e
 WHERE e.rule = ''
    OR NOT EXISTS (SELECT FROM program_version v
	WHERE v.tenant_id = e.tenant_id AND v.store_id = e.store_id
	  AND v.version_id = e.version_id)
 LIMIT $1::bigint;
