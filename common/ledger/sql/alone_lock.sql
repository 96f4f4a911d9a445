-- SPDX-License-Identifier: MIT
-- Makes this process the only one that folds long timelines alone, until it
-- unlocks or its connection ends; false if another process is.
-- in:
-- out: locked
SELECT pg_try_advisory_lock(hashtextextended('alone', 0)) AS locked;
