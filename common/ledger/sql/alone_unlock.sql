-- SPDX-License-Identifier: MIT
-- in:
-- out: unlocked
SELECT pg_advisory_unlock(hashtextextended('alone', 0)) AS unlocked;
