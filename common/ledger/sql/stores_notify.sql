-- SPDX-License-Identifier: MIT
-- Tells the processes that a store has changed, when the transaction that
-- changed it commits.
-- in:
-- out: notified
SELECT pg_notify('loyald_stores', '')::text AS notified;
