-- SPDX-License-Identifier: MIT
--
-- Programs that look beyond one order: what happened to members, what is
-- known of products, wallets beside the points, and what a member's
-- timeline has come to.
--
-- Keys lead with tenant_id, as in 0001.

-- ---- stores ---------------------------------------------------------------

ALTER TABLE store ADD COLUMN brand text;

-- ---- what happened to members, beside their orders -------------------------

-- Never changed but for whom it belongs to (as orders, it follows a guest
-- who becomes a customer, and customers who become one).  A redemption that
-- was refused stays, and counts for nothing.
CREATE TABLE member_fact (
	tenant_id	bigint NOT NULL,
	store_id	bigint NOT NULL,
	kind		smallint NOT NULL,	-- enum fact_kind
	fact_id		text NOT NULL,		-- the idempotency key
	member_id	bigint NOT NULL,
	owner_kind	smallint NOT NULL,	-- as identity's; 0: named by its number
	owner_value	text,
	at		timestamptz NOT NULL,
	facts		text NOT NULL,		-- JSON, wire/event_json.h
	version_id	int,			-- of the program, frozen when first folded
	refused		text,			-- why it counts for nothing
	told_at		timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (tenant_id, store_id, kind, fact_id),
	FOREIGN KEY (tenant_id, store_id) REFERENCES store
);
CREATE INDEX fact_by_member ON member_fact (tenant_id, member_id);

-- ---- products ---------------------------------------------------------------

-- As they were from `modified_at` on: an order's lines are of the version
-- that was in effect when it was placed.
CREATE TABLE product (
	tenant_id	bigint NOT NULL,
	store_id	bigint NOT NULL,
	product_id	bigint NOT NULL,	-- the platform's
	modified_at	timestamptz NOT NULL,
	gone		boolean NOT NULL,
	vendor		text,
	type		text,
	categories	text[] NOT NULL,
	tags		text[] NOT NULL,
	on_sale		boolean NOT NULL,
	gift_card	boolean NOT NULL,
	PRIMARY KEY (tenant_id, store_id, product_id, modified_at),
	FOREIGN KEY (tenant_id, store_id) REFERENCES store
);

-- ---- wallets ------------------------------------------------------------------

-- Numbers for the ids that programs give their wallets.  1 is "points": what
-- plain programs give, and what is pushed.
CREATE TABLE wallet (
	tenant_id	bigint NOT NULL REFERENCES tenant,
	wallet		smallint NOT NULL,
	id		text NOT NULL,
	unit		smallint NOT NULL,	-- enum wallet_unit; 0: not known
	exponent	smallint NOT NULL,	-- money: of the currency
	PRIMARY KEY (tenant_id, wallet),
	UNIQUE (tenant_id, id)
);
INSERT INTO wallet SELECT tenant_id, 1, 'points', 1, 0 FROM tenant;

-- ---- what a timeline has come to ----------------------------------------------

-- A row says that the member's entries come from the whole timeline and not
-- order by order: there is one as soon as the program or a fact asks for it.
CREATE TABLE member_state (
	tenant_id	bigint NOT NULL,
	member_id	bigint NOT NULL,
	due_at		timestamptz,	-- when time alone changes something
	woken		boolean NOT NULL DEFAULT false,	-- somebody wrote something down
	folded_at	timestamptz,	-- NULL: not yet
	tier		text,
	tier_since	timestamptz,
	tier_until	timestamptz,
	memberships	text,		-- JSON: id to [from, until, word]
	chosen_day	text,
	enrolled_at	timestamptz,
	PRIMARY KEY (tenant_id, member_id),
	FOREIGN KEY (tenant_id, member_id) REFERENCES member
) WITH (fillfactor = 80);
CREATE INDEX member_due ON member_state (due_at) WHERE due_at IS NOT NULL;

CREATE TABLE tier_change (
	tenant_id	bigint NOT NULL,
	member_id	bigint NOT NULL,
	number		int NOT NULL,	-- from 1, in time
	level		text,		-- NULL: none
	at		timestamptz NOT NULL,
	until		timestamptz,	-- NULL: without end
	metric		bigint NOT NULL,
	threshold	bigint NOT NULL,
	window_from	timestamptz,
	window_until	timestamptz,
	cause		text NOT NULL,
	PRIMARY KEY (tenant_id, member_id, number)
);

-- What all members together have had of a rule with such a limit.
CREATE TABLE budget (
	tenant_id	bigint NOT NULL,
	store_id	bigint NOT NULL,
	rule		text NOT NULL,
	given		bigint NOT NULL,
	PRIMARY KEY (tenant_id, store_id, rule),
	FOREIGN KEY (tenant_id, store_id) REFERENCES store
);

-- ---- the ledger ------------------------------------------------------------------

-- `corrects`: this takes back what an earlier entry posted, the other way
-- round, because the timeline is another now.  A transaction may be of
-- several members where their timelines are: each numbers its own parts.
ALTER TABLE entry
	ADD COLUMN party text NOT NULL DEFAULT '',	-- a charity
	ADD COLUMN corrects boolean NOT NULL DEFAULT false,
	ADD COLUMN why text,			-- JSON, wire/why_json.h
	DROP CONSTRAINT entry_tenant_id_store_id_source_source_id_revision_part_key,
	ADD CONSTRAINT entry_business_key
		UNIQUE (tenant_id, store_id, source, source_id, member_id, revision, part);
CREATE INDEX entry_by_party ON entry (tenant_id, party) WHERE party <> '';

ALTER TABLE lot
	DROP CONSTRAINT lot_tenant_id_store_id_source_source_id_rule_member_id_key,
	ADD CONSTRAINT lot_business_key
		UNIQUE (tenant_id, store_id, source, source_id, rule, member_id, wallet);

-- ---- who may do what ---------------------------------------------------------------
--
-- The operator's tools write down facts and whose they are, and never an
-- entry: that is for work and schedule, by the timeline.

DO $$
DECLARE
	g record;
BEGIN
	FOR g IN SELECT * FROM (VALUES
		('work', 'SELECT', 'member_fact, product, wallet, member_state, tier_change, budget'),
		('work', 'INSERT', 'member_fact, product, member_state, tier_change, budget'),
		('work', 'UPDATE', 'member_fact, member_state, tier_change, budget'),
		('work', 'DELETE', 'tier_change'),
		('schedule', 'SELECT', 'tenant, program_version, member, order_state, member_fact, product, wallet, member_state, tier_change, budget'),
		('schedule', 'INSERT', 'lot, balance, member_state, tier_change, budget'),
		('schedule', 'UPDATE', 'member_state, tier_change, budget'),
		('schedule', 'UPDATE (version_id, revision, points, reason)', 'order_state'),
		('schedule', 'UPDATE (version_id, refused)', 'member_fact'),
		('schedule', 'DELETE', 'tier_change'),
		('serve', 'SELECT', 'wallet, member_state, tier_change, lot, program_version'),
		('operator', 'SELECT', 'member_fact, product, wallet, member_state, tier_change, budget'),
		('operator', 'INSERT', 'member_fact, member_state, wallet'),
		('operator', 'UPDATE', 'member_state'),
		('operator', 'UPDATE (member_id)', 'identity, order_state, member_fact')
	) AS t(role, verb, tables) LOOP
		IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'loyald_' || g.role) THEN
			EXECUTE format('GRANT %s ON %s TO %I', g.verb, g.tables, 'loyald_' || g.role);
		END IF;
	END LOOP;
	IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'loyald_schedule') THEN
		GRANT USAGE ON SEQUENCE lot_id TO loyald_schedule;
	END IF;
END $$;
