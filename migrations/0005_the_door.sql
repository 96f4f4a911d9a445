-- SPDX-License-Identifier: MIT
--
-- Tables and columns for the door: whose a message is, at which address it
-- came, and what became of those that were refused.
--
-- Keys lead with tenant_id, as in 0001.

-- ---- whose a message is ---------------------------------------------------------

-- One row: the number by which messages of this database are told from those
-- of another that uses the same Redis.
CREATE TABLE installation (
	installation_id	bigint NOT NULL CHECK (installation_id > 0)
);
INSERT INTO installation (installation_id)
SELECT ('x' || substr(encode(sha256(gen_random_uuid()::text::bytea), 'hex'), 1, 15))::bit(60)::bigint;

-- ---- where deliveries come in ---------------------------------------------------

-- When one last came to each address of a store, to the hour: who still uses
-- the old one.  Stores of before have no other.
CREATE TABLE arrival (
	tenant_id	bigint NOT NULL,
	store_id	bigint NOT NULL,
	platform	smallint NOT NULL,	-- enum platform: the store's, or of events
	address		smallint NOT NULL,	-- enum address
	last_at		timestamptz NOT NULL,
	PRIMARY KEY (tenant_id, store_id, platform, address),
	FOREIGN KEY (tenant_id, store_id) REFERENCES store
);
INSERT INTO arrival (tenant_id, store_id, platform, address, last_at)
SELECT tenant_id, store_id, platform, 1, now() FROM store;

-- ---- whose a body is ------------------------------------------------------------

-- The platform's number of a shop, as its API tells push.  store.shop_id stays
-- the operator's, and what the version before learned from first orders; it
-- goes before this one.
ALTER TABLE store ADD COLUMN api_shop_id bigint;
-- The number of the shop that a signed body of the order named; NULL: none.
ALTER TABLE order_state ADD COLUMN shop_id bigint;
-- When push asks again, after an answer that was none.
ALTER TABLE push_lease ADD COLUMN ask_tries int NOT NULL DEFAULT 0;
ALTER TABLE push_lease ADD COLUMN ask_not_before timestamptz NOT NULL DEFAULT '-infinity';

-- Work's right to write store.shop_id is for the version before, which
-- learns it in the same transaction as the order and would stop without.
DO $$
BEGIN
	IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'loyald_push') THEN
		GRANT UPDATE (api_shop_id) ON store TO loyald_push;
	END IF;
END $$;

-- ---- members whose timeline takes long -----------------------------------------

-- Steps that loading and folding the timeline took last (core/fold.h): who
-- takes many is set aside, and looked at alone.  One more than a bound: more than that.
ALTER TABLE member_state ADD COLUMN steps bigint NOT NULL DEFAULT 0;

-- ---- dead letters are bounded -----------------------------------------------------
--
-- A letter for each (store, class, topic, body) from now on, counted.  Those
-- of before have no hash and stay as they are; so do those that the version
-- before goes on inserting.
ALTER TABLE dead_letter
	ADD COLUMN body_hash bytea,		-- keyed: the body itself is sealed
	ADD COLUMN times bigint NOT NULL DEFAULT 1,
	ADD COLUMN again_at timestamptz,	-- when it died last; NULL: once
	-- Where in the streams those stood that were counted lately.
	ADD COLUMN places text[] NOT NULL DEFAULT '{}';
CREATE UNIQUE INDEX dead_letter_once
	ON dead_letter (tenant_id, store_id, class, topic, body_hash)
	WHERE body_hash IS NOT NULL;
-- By their numbers, as an operator names them and a list has them.
CREATE INDEX dead_letter_by_id ON dead_letter (dead_id);
-- Letters that are deleted when they are old.
CREATE INDEX dead_letter_misdirected ON dead_letter (died_at)
	WHERE class = 'misdirected';

-- A letter that nobody has dealt with yet may be all there is of a delivery.
CREATE FUNCTION dead_letter_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	RAISE EXCEPTION 'dead letter % of the class % is open: replay or discard it', OLD.dead_id, OLD.class
		USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER dead_letter_is_kept BEFORE DELETE ON dead_letter FOR EACH ROW
	WHEN (OLD.class <> 'misdirected' AND OLD.replayed_at IS NULL AND OLD.discarded_at IS NULL)
	EXECUTE FUNCTION dead_letter_is_kept();

-- ---- who may do what ---------------------------------------------------------

DO $$
DECLARE
	g record;
BEGIN
	FOR g IN SELECT * FROM (VALUES
		('receive', 'SELECT', 'installation'),
		('work', 'SELECT', 'installation'),
		('operator', 'SELECT', 'installation, arrival'),
		('work', 'SELECT', 'arrival'),
		('work', 'INSERT', 'arrival'),
		('work', 'UPDATE', 'arrival'),
		('work', 'UPDATE (delivery_id, received_at, reason, times, again_at, places, replayed_at, discarded_at)', 'dead_letter'),
		('schedule', 'SELECT (tenant_id, dead_id, class, died_at, again_at, replayed_at, discarded_at)', 'dead_letter'),
		('schedule', 'DELETE', 'dead_letter')
	) AS t(role, verb, tables) LOOP
		IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'loyald_' || g.role) THEN
			EXECUTE format('GRANT %s ON %s TO %I', g.verb, g.tables, 'loyald_' || g.role);
		END IF;
	END LOOP;
END $$;
