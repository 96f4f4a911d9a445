-- SPDX-License-Identifier: MIT
-- Reads what is sealed of all stores.
-- in:
-- out: store_id secret secret_previous api_token app
SELECT s.store_id, s.secret, s.secret_previous, s.api_token, c.app
  FROM store s
  LEFT JOIN store_app c USING (tenant_id, store_id)
 ORDER BY s.store_id;
