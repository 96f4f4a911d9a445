-- SPDX-License-Identifier: MIT
-- in:  tenant_id
-- out:
INSERT INTO tenant (tenant_id) VALUES ($1::bigint);
