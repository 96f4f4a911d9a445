-- SPDX-License-Identifier: MIT
-- Takes numbers for a new store and its tenant.  Numbers come first, because a
-- store's secrets are sealed under its number.
-- in:
-- out: tenant_id store_id
SELECT nextval(pg_get_serial_sequence('tenant', 'tenant_id')) AS tenant_id,
       nextval(pg_get_serial_sequence('store', 'store_id')) AS store_id;
