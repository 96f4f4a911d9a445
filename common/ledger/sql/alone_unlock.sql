-- SPDX-License-Identifier: MIT
-- Gives back the locks of alone_lock and alone_hinder, however often this process
-- has them: giving back may have failed before.
-- in:
-- out: unlocked
SELECT pg_advisory_unlock_all()::text AS unlocked;
