-- SPDX-License-Identifier: MIT
-- Finds whatever could change or remove an entry: a trigger that is missing or
-- off, or a role of a process that has the right.
-- in:  limit
-- out: tenant_id what detail
SELECT 0::bigint AS tenant_id, 'table entry' AS what,
       'the trigger entry_is_forever is missing or switched off' AS detail
 WHERE NOT EXISTS (SELECT FROM pg_trigger
	WHERE tgrelid = 'entry'::regclass AND tgname = 'entry_is_forever'
	  AND tgenabled IN ('O', 'A'))
UNION ALL
SELECT 0::bigint, 'table entry', format('role %s may change entries', rolname)
  FROM pg_roles
 WHERE rolname IN ('loyald_receive', 'loyald_work', 'loyald_push',
	'loyald_schedule', 'loyald_serve', 'loyald_operator')
   AND (has_table_privilege(rolname, 'entry', 'UPDATE')
     OR has_table_privilege(rolname, 'entry', 'DELETE')
     OR has_table_privilege(rolname, 'entry', 'TRUNCATE'))
 LIMIT $1::bigint;
