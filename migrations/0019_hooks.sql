-- SPDX-License-Identifier: MIT
--
-- The webhooks by which shops were seen to deliver here.  One that is not at its
-- shop any more was removed, and is made again.  The version before knows none.

CREATE TABLE shop_hook (
	tenant_id	bigint NOT NULL,
	store_id	bigint NOT NULL,
	topic		text NOT NULL,
	url		text NOT NULL,
	seen_at		timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (tenant_id, store_id, topic),
	FOREIGN KEY (tenant_id, store_id) REFERENCES store
);

DO $$
BEGIN
	IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'loyald_reconcile') THEN
		GRANT SELECT, INSERT, UPDATE ON shop_hook TO loyald_reconcile;
	END IF;
	IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'loyald_operator') THEN
		GRANT SELECT ON shop_hook TO loyald_operator;
	END IF;
END
$$;
