-- SPDX-License-Identifier: MIT
-- Counts what was checked.  A member that no name leads to any more, because
-- it became another member, is not counted.
-- in:
-- out: members transactions entries
SELECT (SELECT count(*) FROM balance m
         WHERE m.wallet = 1 AND EXISTS (SELECT FROM identity i
		WHERE i.tenant_id = m.tenant_id AND i.member_id = m.member_id))
       AS members,
       (SELECT count(*) FROM (
	SELECT DISTINCT tenant_id, store_id, source, source_id, revision
	  FROM entry) AS t) AS transactions,
       (SELECT count(*) FROM entry) AS entries;
