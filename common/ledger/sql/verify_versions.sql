-- SPDX-License-Identifier: MIT
-- Finds entries that name no rule, or a program that was not published.
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
