-- SPDX-License-Identifier: MIT
-- Has all reads of a transaction see the same moment.
-- in:
-- out:
SET TRANSACTION ISOLATION LEVEL REPEATABLE READ;
