-- SPDX-License-Identifier: MIT
-- Finds whether PostgreSQL knows a time zone by that name.
-- in:  name
-- out: known
SELECT EXISTS (SELECT FROM pg_timezone_names
                WHERE name = $1::text) AS known;
