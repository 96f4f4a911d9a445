-- SPDX-License-Identifier: MIT
-- Makes a member due, at this time or before.
-- in:  tenant_id member_id at
-- out:
INSERT INTO member_state AS s (tenant_id, member_id, due_at, woken)
VALUES ($1::bigint, $2::bigint, $3::timestamptz, true)
ON CONFLICT (tenant_id, member_id) DO UPDATE
   SET due_at = least(s.due_at, excluded.due_at), woken = true;
