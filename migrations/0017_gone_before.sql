-- SPDX-License-Identifier: MIT
--
-- When a reward was gone at its shop before it began anew.  The version before
-- knows the last time only, and its push may write that one without the column.

ALTER TABLE reward ADD COLUMN gone_before timestamptz[] NOT NULL DEFAULT '{}';

DO $$
BEGIN
	IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'loyald_push') THEN
		GRANT UPDATE (gone_before) ON reward TO loyald_push;
	END IF;
END
$$;
