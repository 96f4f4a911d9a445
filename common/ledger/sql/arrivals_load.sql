-- SPDX-License-Identifier: MIT
-- Reads when deliveries last came to the addresses of all stores.
-- in:
-- out: store_id platform address last_at
SELECT store_id, platform, address, last_at
  FROM arrival
 ORDER BY store_id, platform, address;
