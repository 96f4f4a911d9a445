-- SPDX-License-Identifier: MIT
-- Whether a store's row was changed since it was loaded with this row_version.
-- in:  tenant_id store_id row_version
-- out: is_changed
SELECT NOT EXISTS (SELECT FROM store
                    WHERE tenant_id = $1::bigint AND store_id = $2::bigint
                      AND xmin::text::bigint = $3::bigint) AS is_changed;
