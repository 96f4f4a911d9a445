-- SPDX-License-Identifier: MIT
-- What was applied.
-- in:
-- out: number name sha256
SELECT number, name, sha256 FROM migration ORDER BY number;
