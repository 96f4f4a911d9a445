-- SPDX-License-Identifier: MIT
-- Writes the balances of members, in any wallet, as they stand now, and puts
-- those of points into the outbox, for every store that knows the member as a
-- customer: one row per member and store, whatever was waiting before.  kinds:
-- customers' for points, 0 for a wallet that is not pushed.
--
-- The caller holds the locks of the balances: what waits in the outbox cannot
-- be newer.  Rows are put in the order of their key, as push takes them, so
-- that no two processes wait for each other.
-- in:  tenant_ids member_ids wallets available pending reserved debt lifetime_earned kinds
-- out:
WITH put AS (
	UPDATE balance b
	   SET available = t.available, pending = t.pending,
	       reserved = t.reserved, debt = t.debt,
	       lifetime_earned = t.lifetime_earned, version = b.version + 1
	  FROM (SELECT unnest($1::bigint[]) AS tenant_id,
		unnest($2::bigint[]) AS member_id, unnest($3::int[]) AS wallet,
		unnest($4::bigint[]) AS available,
		unnest($5::bigint[]) AS pending,
		unnest($6::bigint[]) AS reserved, unnest($7::bigint[]) AS debt,
		unnest($8::bigint[]) AS lifetime_earned,
		unnest($9::int[]) AS kind) AS t
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
