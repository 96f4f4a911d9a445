-- SPDX-License-Identifier: MIT
--
-- Columns for the first day: what an operator must see.
--
-- Keys lead with tenant_id, as in 0001.

-- ---- what waits, and since when ---------------------------------------------------

-- Since when the shop has not had the member's newest balance.  What waits
-- already counts from now on, and so does what the version before puts there.
ALTER TABLE outbox ADD COLUMN waits_since timestamptz NOT NULL DEFAULT now();

-- When the shop last took a balance; NULL: not since this was written down.
ALTER TABLE push_lease ADD COLUMN pushed_at timestamptz;

-- ---- who may do what ---------------------------------------------------------

DO $$
BEGIN
	IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'loyald_schedule') THEN
		GRANT SELECT ON arrival TO loyald_schedule;
		GRANT SELECT (tenant_id, store_id, pushed_at) ON push_lease TO loyald_schedule;
	END IF;
END $$;
