-- SPDX-License-Identifier: MIT
--
-- Rewards that shops make for redemptions: what has become of each, its codes,
-- and the orders that used them.  A version that does not know these tables
-- leaves them alone.

-- One row for each redemption whose reward is made (the fact asks for it), from
-- when its points were set aside.  The columns have two owners, whose writes do
-- not touch those of the other.
CREATE TABLE reward (
	tenant_id	bigint NOT NULL,
	store_id	bigint NOT NULL,
	redemption	text NOT NULL,		-- the fact's key
	reward		text NOT NULL,		-- the program's id of it
	version_id	int NOT NULL,		-- of the program
	form		smallint NOT NULL,	-- enum reward_form
	units		bigint NOT NULL,
	customer_id	bigint,			-- the shop's; NULL: it has none
	asked_at	timestamptz NOT NULL,
	ends_at		timestamptz,		-- NULL: it does not end by itself

	-- The fold's, by work and schedule.
	stands		smallint NOT NULL,	-- enum reward_stands
	used_by		bigint,			-- an order
	used_at		timestamptz,
	back		smallint NOT NULL DEFAULT 0,	-- enum reward_back
	back_at		timestamptz,
	changes		int NOT NULL DEFAULT 0,	-- how often these changed

	-- Those of push; of schedule for forms without calls.
	state		smallint NOT NULL,	-- enum reward_state
	cause		smallint NOT NULL DEFAULT 0,	-- enum reward_cause
	generation	int NOT NULL DEFAULT 1,
	code		text,			-- of this generation
	made_as		text,			-- the platform's id
	issued_at	timestamptz,
	captured_at	timestamptz,
	gone_at		timestamptz,
	back_done	timestamptz,
	doubt_until	timestamptz,
	seen_used_at	timestamptz,
	tries		int NOT NULL DEFAULT 0,
	why		text,			-- the last error, or why it ended
	leased_until	timestamptz NOT NULL DEFAULT '-infinity',
	push_at		timestamptz,		-- when push looks next
	wake_at		timestamptz,		-- when schedule looks next

	-- The operator's.
	revoked_at	timestamptz,
	done_at		timestamptz,		-- of a task
	note		text,			-- why it was revoked, how it was done
	note_by		text,
	PRIMARY KEY (tenant_id, store_id, redemption),
	FOREIGN KEY (tenant_id, store_id) REFERENCES store
) WITH (fillfactor = 70);
CREATE INDEX reward_push ON reward (push_at) WHERE push_at IS NOT NULL;
CREATE INDEX reward_wake ON reward (wake_at) WHERE wake_at IS NOT NULL;

-- All codes that a reward ever had: an order may come late.
CREATE TABLE reward_code (
	tenant_id	bigint NOT NULL,
	store_id	bigint NOT NULL,
	code		text NOT NULL,		-- plain (wire/code.h)
	redemption	text NOT NULL,
	PRIMARY KEY (tenant_id, store_id, code),
	FOREIGN KEY (tenant_id, store_id, redemption) REFERENCES reward
);

-- The orders that have such a code, as they are now.
CREATE TABLE reward_use (
	tenant_id	bigint NOT NULL,
	store_id	bigint NOT NULL,
	redemption	text NOT NULL,
	order_id	bigint NOT NULL,
	member_id	bigint,			-- the order's; NULL: nobody
	at		timestamptz NOT NULL,
	undone_at	timestamptz,
	undone_how	smallint NOT NULL DEFAULT 0,	-- enum undone_how
	PRIMARY KEY (tenant_id, store_id, redemption, order_id)
);
CREATE INDEX reward_use_order ON reward_use (tenant_id, store_id, order_id);

DO $$
DECLARE
	g record;
BEGIN
	FOR g IN SELECT * FROM (VALUES
		('work', 'SELECT', 'reward, reward_code, reward_use'),
		('work', 'INSERT', 'reward, reward_use'),
		('work', 'UPDATE (stands, used_by, used_at, back, back_at, changes, push_at, wake_at)', 'reward'),
		('work', 'UPDATE', 'reward_use'),
		('schedule', 'SELECT', 'reward, reward_use'),
		('schedule', 'INSERT', 'reward'),
		('schedule', 'UPDATE', 'reward'),
		('push', 'SELECT', 'reward, reward_code, program_version'),
		('push', 'INSERT', 'reward_code'),
		('push', 'UPDATE (state, cause, generation, code, made_as, issued_at, captured_at, gone_at, back_done, doubt_until, seen_used_at, tries, why, leased_until, push_at, wake_at)', 'reward'),
		('operator', 'SELECT', 'reward, reward_code, reward_use'),
		('operator', 'UPDATE (revoked_at, done_at, note, note_by, captured_at, push_at, wake_at)', 'reward')
	) AS t(role, verb, tables) LOOP
		IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'loyald_' || g.role) THEN
			EXECUTE format('GRANT %s ON %s TO %I', g.verb, g.tables, 'loyald_' || g.role);
		END IF;
	END LOOP;
END $$;
