-- SPDX-License-Identifier: MIT
-- Keeps the app by which push gets a store's API tokens.
-- in:  tenant_id store_id app renew_ms
-- out:
INSERT INTO store_app (tenant_id, store_id, app, renew_at)
VALUES ($1::bigint, $2::bigint, $3::bytea,
	now() + $4::bigint * interval '1 millisecond')
ON CONFLICT (tenant_id, store_id) DO UPDATE
   SET app = excluded.app, renew_at = excluded.renew_at, tries = 0,
       leased_until = '-infinity', last_error = NULL;
