-- SPDX-License-Identifier: MIT
-- Waits until nobody hinders posts of folds alone, and hinders parked messages until
-- the end of the transaction.
-- in:
-- out: locked
SELECT pg_advisory_xact_lock(hashtextextended('alone post', 0))::text AS locked;
