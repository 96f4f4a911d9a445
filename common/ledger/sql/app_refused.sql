-- SPDX-License-Identifier: MIT
-- Has push get another token for a store that has an app, since the shop refuses the
-- one of now; not if that has come within again_ms, so that a shop that refuses
-- each token is not asked again and again.
-- in:  tenant_id store_id again_ms
-- out:
UPDATE store_app
   SET renew_at = now()
 WHERE tenant_id = $1::bigint AND store_id = $2::bigint AND renew_at > now()
   AND tries = 0 AND got_at < now() - $3::bigint * interval '1 millisecond';
