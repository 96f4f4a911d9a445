-- SPDX-License-Identifier: MIT
-- Orders, or guests' addresses, of a batch, in the order given: ascending.
-- Hashes that collide only wait for one another.
-- in:  keys
-- out: locked
SELECT count(pg_advisory_xact_lock(key)::text) AS locked
  FROM unnest($1::bigint[]) AS t(key);
