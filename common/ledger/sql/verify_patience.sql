-- SPDX-License-Identifier: MIT
-- Lets the checks take longer than any statement of the daemons: a large
-- ledger takes long to read.
-- in:
-- out:
SET LOCAL statement_timeout = 0;
