-- SPDX-License-Identifier: MIT
--
-- Codes that members show at a till.  The version before knows none.

-- A revoked code stays: what happened before may be told later, and nobody else
-- gets the code.
CREATE TABLE member_code (
	tenant_id	bigint NOT NULL,
	code		text NOT NULL,		-- plain (wire/code.h)
	member_id	bigint NOT NULL,
	made_at		timestamptz NOT NULL DEFAULT now(),
	revoked_at	timestamptz,
	PRIMARY KEY (tenant_id, code)
);
CREATE INDEX member_code_member ON member_code (tenant_id, member_id);

DO $$
BEGIN
	IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'loyald_work') THEN
		GRANT SELECT, UPDATE (member_id), DELETE ON member_code
			TO loyald_work;
	END IF;
	IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'loyald_operator') THEN
		GRANT SELECT, INSERT, UPDATE (member_id, revoked_at)
			ON member_code TO loyald_operator;
	END IF;
END
$$;
