-- SPDX-License-Identifier: MIT
--
-- Benefits of programs that shops have as discounts: what is wanted of each, and what
-- the shop has.  A version that does not know this table leaves it alone, and what
-- its shops have.

-- A row is there before the call that makes something, and goes when nothing of it
-- is left at the shop.
CREATE TABLE benefit_at_shop (
	tenant_id	bigint NOT NULL,
	store_id	bigint NOT NULL,
	benefit		text NOT NULL,		-- the program's id of it
	wanted		text,			-- a digest; NULL: nothing any more
	made		text,			-- the digest of what was made
	title		text,			-- of the discount, as it was made
	made_as		text,			-- the platform's ids
	segment_as	text,
	state		smallint NOT NULL DEFAULT 1,	-- enum benefit_state
	doubt_until	timestamptz,		-- a call may still arrive until then
	right_at	timestamptz,		-- when all was last as it should be
	tries		int NOT NULL DEFAULT 0,
	why		text,			-- the last error
	push_at		timestamptz NOT NULL,
	PRIMARY KEY (tenant_id, store_id, benefit),
	FOREIGN KEY (tenant_id, store_id) REFERENCES store
);
CREATE INDEX benefit_at_shop_push ON benefit_at_shop (push_at);

DO $$
BEGIN
	IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'loyald_push') THEN
		GRANT SELECT, INSERT, UPDATE, DELETE ON benefit_at_shop
			TO loyald_push;
	END IF;
	IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'loyald_operator') THEN
		GRANT SELECT, UPDATE (push_at) ON benefit_at_shop
			TO loyald_operator;
	END IF;
END
$$;
