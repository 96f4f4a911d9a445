-- SPDX-License-Identifier: MIT
-- Takes numbers for new lots.
-- in:  n
-- out: lot_id
SELECT nextval('lot_id') AS lot_id FROM generate_series(1, $1::bigint);
