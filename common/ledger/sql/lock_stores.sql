-- SPDX-License-Identifier: MIT
-- Locks the stores of a batch, shared with other batches; a merge of customers
-- locks a store for itself.
-- in:  store_ids
-- out: locked
SELECT count(pg_advisory_xact_lock_shared(hashtextextended('store', id))::text) AS locked
  FROM unnest($1::bigint[]) AS t(id);
