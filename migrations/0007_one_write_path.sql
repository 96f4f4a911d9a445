-- SPDX-License-Identifier: MIT
--
-- What the database checked or kept for every new member and lot, and need not:
-- loyald verify finds what these foreign keys refused, and nothing reads the
-- index.  Nothing is added, and the version before works on.
--
-- A foreign key reads and locks the row that it leads to for each row that is
-- written; a store's row was locked by every batch.

ALTER TABLE identity
	DROP CONSTRAINT identity_tenant_id_store_id_fkey,
	DROP CONSTRAINT identity_tenant_id_member_id_fkey;
ALTER TABLE balance
	DROP CONSTRAINT balance_tenant_id_member_id_fkey;
ALTER TABLE member_state
	DROP CONSTRAINT member_state_tenant_id_member_id_fkey;
ALTER TABLE member
	DROP CONSTRAINT member_tenant_id_fkey;

-- lot_by_member has all lots of a member, not only those that are not empty.
DROP INDEX lot_open;
