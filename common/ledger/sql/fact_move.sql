-- SPDX-License-Identifier: MIT
-- Moves all facts of one member to another, within a store.
-- in:  tenant_id store_id from_member to_member
-- out:
UPDATE member_fact
   SET member_id = $4::bigint
 WHERE tenant_id = $1::bigint AND store_id = $2::bigint
   AND member_id = $3::bigint;
