-- SPDX-License-Identifier: MIT
-- Posts payouts, each once: takes what a charity was paid off what it is owed,
-- member by member, as that was at the time.  If it became known after an
-- earlier payout that less was owed by then, the difference is taken back.
-- in:  max
-- out: tenant_id charity units
WITH due AS (
	SELECT tenant_id, payout_id, charity, paid_at
	  FROM payout
	 WHERE units IS NULL
	 ORDER BY tenant_id, payout_id
	 LIMIT $1::bigint
	   FOR UPDATE SKIP LOCKED
), owed AS (
	SELECT d.tenant_id, d.payout_id, d.charity, d.paid_at, e.member_id,
	       e.store_id, e.wallet, max(e.version_id) AS version_id,
	       sum(CASE WHEN e.credit = 16 THEN e.points ELSE -e.points END)
	       AS units
	  FROM due d
	  JOIN entry e ON e.tenant_id = d.tenant_id AND e.party = d.charity
	   AND 16 IN (e.debit, e.credit) AND e.event_at <= d.paid_at
	 GROUP BY d.tenant_id, d.payout_id, d.charity, d.paid_at, e.member_id,
	       e.store_id, e.wallet
	HAVING sum(CASE WHEN e.credit = 16 THEN e.points ELSE -e.points END)
	       <> 0
), posted AS (
	INSERT INTO entry (tenant_id, member_id, store_id, source, wallet,
		debit, credit, part, revision, version_id, points, event_at,
		source_id, rule, party, corrects)
	SELECT tenant_id, member_id, store_id, 7, wallet,
	       CASE WHEN units > 0 THEN 16 ELSE 12 END,
	       CASE WHEN units > 0 THEN 12 ELSE 16 END,
	       row_number() OVER (PARTITION BY tenant_id, payout_id, member_id,
		store_id ORDER BY wallet), 1, version_id, abs(units), paid_at,
	       'payout:' || payout_id, 'payout', charity, units < 0
	  FROM owed
), done AS (
	UPDATE payout p
	   SET units = coalesce((SELECT sum(o.units) FROM owed o
		WHERE o.tenant_id = p.tenant_id
		  AND o.payout_id = p.payout_id), 0)
	  FROM due d
	 WHERE p.tenant_id = d.tenant_id AND p.payout_id = d.payout_id
	RETURNING p.tenant_id, p.charity, p.units
)
SELECT tenant_id, charity, units FROM done;
