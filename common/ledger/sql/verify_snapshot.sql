-- SPDX-License-Identifier: MIT
-- Has every check see the same moment, whatever is posted meanwhile.
-- in:
-- out:
SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY;
