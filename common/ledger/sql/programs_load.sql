-- SPDX-License-Identifier: MIT
-- Reads all versions of all stores' programs, in the order they came into
-- effect.
-- in:
-- out: tenant_id store_id version_id effective_from file
SELECT tenant_id, store_id, version_id, effective_from, file
  FROM program_version
 ORDER BY store_id, effective_from, version_id;
