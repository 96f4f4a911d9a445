-- SPDX-License-Identifier: MIT
--
-- Orders in bytes (wire/record/record.h) in place of JSON: a quarter of the
-- space.  What was written as JSON stays and is read, until the order changes.
--
-- The version before goes on until a work of this version writes the first
-- record, which it does not read: its work and schedule must have ended by then.

ALTER TABLE order_state
	ADD COLUMN record bytea,
	ALTER COLUMN facts DROP NOT NULL,
	ADD CONSTRAINT order_is_kept
		CHECK (record IS NOT NULL OR facts IS NOT NULL) NOT VALID;
