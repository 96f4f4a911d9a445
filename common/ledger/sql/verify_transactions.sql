-- SPDX-License-Identifier: MIT
-- Finds transactions that are not whole: parts are numbered from 1 without a
-- gap, and so are the transactions of a source; timelines number theirs by the
-- member, and no number twice.
-- in:  limit
-- out: tenant_id what detail
WITH transactions AS (
	SELECT tenant_id, store_id, source, source_id, revision,
	       count(DISTINCT part) AS parts, max(part) AS last,
	       bool_or(EXISTS (SELECT FROM member_state s
			WHERE s.tenant_id = entry.tenant_id
			  AND s.member_id = entry.member_id)) AS folded
	  FROM entry
	 GROUP BY tenant_id, store_id, source, source_id, revision
), sources AS (
	SELECT tenant_id, store_id, source, source_id, count(*) AS n,
	       max(revision) AS last, bool_or(parts <> transactions.last) AS gap,
	       bool_or(folded) AS folded
	  FROM transactions
	 GROUP BY tenant_id, store_id, source, source_id
)
SELECT tenant_id,
       format('source %s %s of store %s', source, source_id, store_id) AS what,
       format('%s transactions, the last is number %s%s', n, last,
	CASE WHEN gap THEN ', and one of them lacks a part' ELSE '' END) AS detail
  FROM sources
 WHERE n <> last AND NOT folded OR gap
 LIMIT $1::bigint;
