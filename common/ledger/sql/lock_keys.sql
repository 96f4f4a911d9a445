-- SPDX-License-Identifier: MIT
-- Locks orders, or guests' addresses, of a batch by their hashes, in the order
-- given, which is ascending.  Hashes that collide only make batches wait.
-- in:  keys
-- out: locked
SELECT count(pg_advisory_xact_lock(key)::text) AS locked
  FROM unnest($1::bigint[]) AS t(key);
