-- SPDX-License-Identifier: MIT
-- Writes the balances of members, in any wallet, as they stand now, and puts
-- those of points into the outbox, for every store that knows the member as a
-- customer: one row per member and store, whatever was waiting before.  kinds:
-- customers' for points, 0 for a wallet that is not pushed.
--
-- The caller holds the locks of the balances: what waits in the outbox cannot
-- be newer.  Rows are put in the order of their key, as push takes them, so
-- that no two processes wait for each other.
-- in:  tenant_ids member_ids wallets kinds available pending reserved debt lifetime_earned
-- out:
WITH put AS (
	UPDATE balance b
	   SET available = t.available, pending = t.pending,
	       reserved = t.reserved, debt = t.debt,
	       lifetime_earned = t.lifetime_earned, version = b.version + 1
	  FROM unnest($1::bigint[], $2::bigint[], $3::int[], $4::int[],
		$5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[],
		$9::bigint[])
	       AS t(tenant_id, member_id, wallet, kind, available, pending,
		reserved, debt, lifetime_earned)
	 WHERE b.tenant_id = t.tenant_id AND b.member_id = t.member_id
	   AND b.wallet = t.wallet
	RETURNING b.tenant_id, b.member_id, t.kind, b.available, b.pending,
		b.debt, b.version
)
INSERT INTO outbox (tenant_id, store_id, member_id, customer_id, available,
	pending, debt, version)
SELECT DISTINCT ON (i.tenant_id, i.store_id, i.member_id)
       i.tenant_id, i.store_id, i.member_id, i.value::bigint, b.available,
       b.pending, b.debt, b.version
  FROM put b
  JOIN identity i ON i.tenant_id = b.tenant_id AND i.member_id = b.member_id
                 AND i.kind = b.kind AND i.gone_at IS NULL
 ORDER BY i.tenant_id, i.store_id, i.member_id,
          i.modified_at DESC NULLS LAST, i.value
    ON CONFLICT (tenant_id, store_id, member_id) DO UPDATE
   SET customer_id = excluded.customer_id, available = excluded.available,
       pending = excluded.pending, debt = excluded.debt,
       version = excluded.version, tries = 0, not_before = now(),
       waits_since = CASE WHEN outbox.rejected_at IS NULL
                          THEN outbox.waits_since ELSE now() END,
       rejected_at = NULL, last_error = NULL;
