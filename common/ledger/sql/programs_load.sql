-- SPDX-License-Identifier: MIT
-- Reads versions of stores' programs.  Equal files come one after the other.
-- in:  tenant_ids store_ids version_ids
-- out: tenant_id store_id version_id effective_from file row_version
SELECT tenant_id, store_id, version_id, v.effective_from, v.file,
       v.xmin::text::bigint AS row_version
  FROM unnest($1::bigint[], $2::bigint[], $3::int[])
       AS t(tenant_id, store_id, version_id)
  JOIN program_version v USING (tenant_id, store_id, version_id)
 ORDER BY v.sha256;
