-- SPDX-License-Identifier: MIT
-- Makes the rows of stores whose shops can be asked; from the time when a store was
-- added on.
-- in:  tenant_ids store_ids
-- out:
INSERT INTO reconcile (tenant_id, store_id, watermark)
SELECT s.tenant_id, s.store_id, s.created_at
  FROM unnest($1::bigint[], $2::bigint[]) AS t(tenant_id, store_id)
  JOIN store s USING (tenant_id, store_id)
ON CONFLICT (tenant_id, store_id) DO NOTHING;
