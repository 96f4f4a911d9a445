-- SPDX-License-Identifier: MIT
-- All that is read of a timeline is of one moment.
-- in:
-- out:
SET TRANSACTION ISOLATION LEVEL REPEATABLE READ;
