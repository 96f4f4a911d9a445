-- SPDX-License-Identifier: MIT
-- Lets other processes fold long timelines again.
-- in:
-- out: unlocked
SELECT pg_advisory_unlock(hashtextextended('alone', 0)) AS unlocked;
