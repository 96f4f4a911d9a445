-- SPDX-License-Identifier: MIT
-- Reads of all versions of all stores' programs what differs if a row has
-- changed.  row_version is another number after each change of the row.
-- in:
-- out: tenant_id store_id version_id row_version
SELECT tenant_id, store_id, version_id, xmin::text::bigint AS row_version
  FROM program_version;
