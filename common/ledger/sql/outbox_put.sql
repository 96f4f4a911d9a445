-- SPDX-License-Identifier: MIT
-- Writes the newest balance of these members, for every store that knows them
-- as a customer: one row per member and store, whatever was waiting before.
-- The caller has changed the balances in the same transaction and so holds
-- their locks: only the caller's own row can be newer already.
--
-- Rows are put in the order of their key, as push takes them, so that no two
-- processes wait for each other.
-- in:  tenant_ids member_ids wallets kinds
-- out:
INSERT INTO outbox (tenant_id, store_id, member_id, customer_id, available,
	pending, debt, version)
SELECT DISTINCT ON (i.tenant_id, i.store_id, i.member_id)
       i.tenant_id, i.store_id, i.member_id, i.value::bigint, b.available,
       b.pending, b.debt, b.version
  FROM unnest($1::bigint[], $2::bigint[], $3::int[], $4::int[])
       AS m (tenant_id, member_id, wallet, kind)
  JOIN balance b ON b.tenant_id = m.tenant_id
                AND b.member_id = m.member_id AND b.wallet = m.wallet
  JOIN identity i ON i.tenant_id = m.tenant_id
                 AND i.member_id = m.member_id
                 AND i.kind = m.kind AND i.gone_at IS NULL
 ORDER BY i.tenant_id, i.store_id, i.member_id,
          i.modified_at DESC NULLS LAST, i.value
    ON CONFLICT (tenant_id, store_id, member_id) DO UPDATE
   SET customer_id = excluded.customer_id, available = excluded.available,
       pending = excluded.pending, debt = excluded.debt,
       version = excluded.version, tries = 0, not_before = now(),
       waits_since = CASE WHEN outbox.rejected_at IS NULL
                          THEN outbox.waits_since ELSE now() END,
       rejected_at = NULL, last_error = NULL
 WHERE outbox.version < excluded.version
    OR outbox.customer_id <> excluded.customer_id;
