-- SPDX-License-Identifier: MIT
--
-- What shops are told of members beside the balance: what the tiers count by now,
-- the benefits that hold, and of each store whether its shop has the definitions
-- of what it is told, and which tags of tiers its customers were given.
--
-- The version before leaves all of this as it is.

ALTER TABLE member_state
	ADD COLUMN metric bigint,	-- NULL: not folded since this migration
	ADD COLUMN benefits text;	-- ids, with blanks between them

ALTER TABLE push_lease ADD COLUMN defined boolean NOT NULL DEFAULT false;

-- A row is there before the call that sets its tag.
CREATE TABLE push_tag (
	tenant_id	bigint NOT NULL,
	store_id	bigint NOT NULL,
	customer_id	bigint NOT NULL,	-- the platform's
	tag		text NOT NULL,
	is_set		boolean NOT NULL DEFAULT false,	-- the shop has said so
	PRIMARY KEY (tenant_id, store_id, customer_id, tag),
	FOREIGN KEY (tenant_id, store_id) REFERENCES store
);

DO $$
BEGIN
	IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'loyald_push') THEN
		GRANT SELECT ON lot, member_state TO loyald_push;
		GRANT SELECT, INSERT, UPDATE, DELETE ON push_tag
			TO loyald_push;
	END IF;
	IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'loyald_operator') THEN
		GRANT SELECT ON push_tag TO loyald_operator;
	END IF;
END
$$;
