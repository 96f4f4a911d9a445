-- SPDX-License-Identifier: MIT
-- Adds the row by which push processes take turns with a store.
-- in:  tenant_id store_id
-- out:
INSERT INTO push_lease (tenant_id, store_id)
VALUES ($1::bigint, $2::bigint);
