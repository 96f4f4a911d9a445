-- SPDX-License-Identifier: MIT
-- Writes a store's secret, and the one before.
-- in:  store_id secret secret_previous
-- out:
UPDATE store
   SET secret = $2::bytea, secret_previous = $3::bytea
 WHERE store_id = $1::bigint;
