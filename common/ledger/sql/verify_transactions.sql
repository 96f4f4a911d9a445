-- SPDX-License-Identifier: MIT
-- A transaction is whole: its parts are numbered 1 to n, and the
-- transactions of a source 1 to m.
-- in:  limit
-- out: tenant_id what detail
WITH transactions AS (
	SELECT tenant_id, store_id, source, source_id, revision,
	       count(*) AS parts, max(part) AS last
	  FROM entry
	 GROUP BY tenant_id, store_id, source, source_id, revision
), sources AS (
	SELECT tenant_id, store_id, source, source_id, count(*) AS n,
	       max(revision) AS last, bool_or(parts <> transactions.last) AS gap
	  FROM transactions
	 GROUP BY tenant_id, store_id, source, source_id
)
SELECT tenant_id,
       format('source %s %s of store %s', source, source_id, store_id) AS what,
       format('%s transactions, the last is number %s%s', n, last,
	CASE WHEN gap THEN ', and one of them lacks a part' ELSE '' END) AS detail
  FROM sources
 WHERE n <> last OR gap
 LIMIT $1::bigint;
