-- SPDX-License-Identifier: MIT
-- Reads the version of a store's program that was published last.
-- in:  tenant_id store_id
-- out: version_id sha256 effective_from
SELECT version_id, sha256, effective_from
  FROM program_version
 WHERE tenant_id = $1::bigint AND store_id = $2::bigint
 ORDER BY version_id DESC
 LIMIT 1;
