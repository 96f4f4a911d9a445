-- SPDX-License-Identifier: MIT
--
-- The apps by which loyald gets API tokens itself, since those of Shopify end
-- after a day or an hour.  A version that does not know this table leaves it
-- alone, and pushes with the token that the store has.

CREATE TABLE store_app (
	tenant_id	bigint NOT NULL,
	store_id	bigint NOT NULL,
	app		bytea NOT NULL,		-- sealed
	renew_at	timestamptz NOT NULL,	-- when push gets the next token
	got_at		timestamptz NOT NULL DEFAULT '-infinity', -- the token of now
	tries		int NOT NULL DEFAULT 0,	-- failures since the last token
	leased_until	timestamptz NOT NULL DEFAULT '-infinity',
	last_error	text,
	PRIMARY KEY (tenant_id, store_id),
	FOREIGN KEY (tenant_id, store_id) REFERENCES store
);
CREATE INDEX store_app_due ON store_app (renew_at);

DO $$
BEGIN
	IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'loyald_push') THEN
		GRANT SELECT, UPDATE (app, renew_at, got_at, tries,
			leased_until, last_error) ON store_app TO loyald_push;
		GRANT UPDATE (api_token) ON store TO loyald_push;
	END IF;
	IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'loyald_operator') THEN
		GRANT SELECT, INSERT, UPDATE, DELETE ON store_app
			TO loyald_operator;
	END IF;
END
$$;
