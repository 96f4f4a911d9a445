-- SPDX-License-Identifier: MIT
-- Lists the migrations that were applied.
-- in:
-- out: number name sha256
SELECT number, name, sha256 FROM migration ORDER BY number;
