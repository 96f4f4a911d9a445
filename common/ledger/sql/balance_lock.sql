-- The balances of a batch's members, locked in ascending order.
-- in:  tenant_ids member_ids
-- out: tenant_id member_id available pending reserved debt lifetime_earned
SELECT b.tenant_id, b.member_id, b.available, b.pending, b.reserved, b.debt,
       b.lifetime_earned
  FROM balance b
  JOIN unnest($1::bigint[], $2::bigint[]) AS t(tenant_id, member_id)
    ON b.tenant_id = t.tenant_id AND b.member_id = t.member_id
 WHERE b.wallet = 1
 ORDER BY b.tenant_id, b.member_id
   FOR UPDATE OF b;
