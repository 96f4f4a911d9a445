-- SPDX-License-Identifier: MIT
-- How much was looked at.
-- in:
-- out: members transactions entries
SELECT (SELECT count(*) FROM member) AS members,
       (SELECT count(*) FROM (
	SELECT DISTINCT tenant_id, store_id, source, source_id, revision
	  FROM entry) AS t) AS transactions,
       (SELECT count(*) FROM entry) AS entries;
