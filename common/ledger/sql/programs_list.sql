-- SPDX-License-Identifier: MIT
-- Lists the versions of a store's program, newest first.
-- in:  store_id
-- out: version_id effective_from created_at sha256 file
SELECT v.version_id, v.effective_from, v.created_at,
       encode(v.sha256, 'hex') AS sha256, v.file
  FROM store s
  JOIN program_version v USING (tenant_id, store_id)
 WHERE s.store_id = $1::bigint
 ORDER BY v.version_id DESC;
