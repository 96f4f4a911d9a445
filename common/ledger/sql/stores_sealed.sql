-- SPDX-License-Identifier: MIT
-- Reads what is sealed of all stores.
-- in:
-- out: store_id secret secret_previous api_token
SELECT store_id, secret, secret_previous, api_token
  FROM store
 ORDER BY store_id;
