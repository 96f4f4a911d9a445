-- SPDX-License-Identifier: MIT
-- Shared with every batch; a merge of customers takes one for itself.
-- in:  store_ids
-- out: locked
SELECT count(pg_advisory_xact_lock_shared(hashtextextended('store', id))::text) AS locked
  FROM unnest($1::bigint[]) AS t(id);
