-- SPDX-License-Identifier: MIT
-- Finds whether there is a tenant of that number.
-- in:  tenant_id
-- out: known
SELECT EXISTS (SELECT FROM tenant WHERE tenant_id = $1::bigint) AS known;
