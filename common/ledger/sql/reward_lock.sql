-- SPDX-License-Identifier: MIT
-- Reads and locks one reward that schedule must look at.
-- in:  tenant_id store_id redemption
-- out: redemption reward version_id form units customer_id asked_at ends_at stands used_at back back_at changes state cause generation code made_as captured_at gone_at back_done doubt_until seen_used_at revoked_at issued_at tries why now
SELECT redemption, reward, version_id, form, units, customer_id, asked_at,
       ends_at, stands, used_at, back, back_at, changes, state, cause,
       generation, code, made_as, captured_at, gone_at, back_done, doubt_until,
       seen_used_at, revoked_at, issued_at, tries, why, now() AS now
  FROM reward
 WHERE tenant_id = $1::bigint AND store_id = $2::bigint
   AND redemption = $3::text AND wake_at IS NOT NULL
   FOR UPDATE;
