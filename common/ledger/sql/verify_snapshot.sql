-- SPDX-License-Identifier: MIT
-- Every check sees the same moment, whatever is posted meanwhile.
-- in:
-- out:
SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY;
