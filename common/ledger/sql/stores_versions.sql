-- SPDX-License-Identifier: MIT
-- Reads of all stores what differs if a store has changed.  row_version is
-- another number after each change of the row.
-- in:
-- out: store_id row_version shares
SELECT store_id, xmin::text::bigint AS row_version,
       count(*) OVER (PARTITION BY tenant_id) > 1 AS shares
  FROM store;
