-- SPDX-License-Identifier: MIT
-- Whoever folds long timelines is the only one who does, until it says so or
-- its connection ends.
-- in:
-- out: locked
SELECT pg_try_advisory_lock(hashtextextended('alone', 0)) AS locked;
