-- SPDX-License-Identifier: MIT
-- A large ledger takes longer to read than any statement of the daemons.
-- in:
-- out:
SET LOCAL statement_timeout = 0;
