-- SPDX-License-Identifier: MIT
-- Lets the checks take longer than any statement of the daemons: a large ledger
-- takes long to read.  Each check reads whole tables, for which a hash join is
-- right whatever PostgreSQL knows of their sizes.  Until PostgreSQL has counted
-- the rows, it may choose joins that read an index of all lots for each entry.
-- in:
-- out: patience nested merged
SELECT set_config('statement_timeout', '0', true) AS patience,
       set_config('enable_nestloop', 'off', true) AS nested,
       set_config('enable_mergejoin', 'off', true) AS merged;
