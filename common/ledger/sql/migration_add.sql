-- SPDX-License-Identifier: MIT
-- Notes that a migration was applied.
-- in:  number name sha256
-- out:
INSERT INTO migration (number, name, sha256)
VALUES ($1::bigint, $2::text, $3::bytea);
