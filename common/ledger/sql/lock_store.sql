-- SPDX-License-Identifier: MIT
-- Locks a store for a merge of customers: no batch of the store is under way
-- while the names of its members change.
-- in:  store_id
-- out: locked
SELECT count(pg_advisory_xact_lock(hashtextextended('store', $1::bigint))::text) AS locked;
