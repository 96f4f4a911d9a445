-- SPDX-License-Identifier: MIT
-- Makes members of names that are seen for the first time; waits for another
-- process that makes the same one, and fails then.  Their balances, which are
-- the members, are the caller's to write.  What is told of a customer is written
-- at once.  A customer whose verified address another store of the tenant knows
-- already is that store's member.
-- in:  tenant_ids store_ids kinds values emails verified modified_at shares
-- out: tenant_id store_id kind value member_id
INSERT INTO identity (tenant_id, store_id, kind, value, member_id, email,
	email_verified, modified_at)
SELECT t.tenant_id, t.store_id, t.kind, t.value,
       coalesce(CASE WHEN t.shares AND t.verified THEN (
		SELECT min(c.member_id)
		  FROM store s
		  JOIN identity c ON c.tenant_id = s.tenant_id
		   AND c.store_id = s.store_id AND c.email = t.email
		   AND c.kind = t.kind AND c.email_verified
		   AND c.gone_at IS NULL
		 WHERE s.tenant_id = t.tenant_id
		   AND s.store_id <> t.store_id) END,
	nextval('member_member_id_seq')), t.email, t.verified, t.modified_at
  FROM unnest($1::bigint[], $2::bigint[], $3::int[], $4::text[], $5::text[],
	$6::boolean[], $7::timestamptz[], $8::boolean[])
       AS t(tenant_id, store_id, kind, value, email, verified, modified_at,
	shares)
 ORDER BY t.tenant_id, t.store_id, t.kind, t.value, t.modified_at NULLS LAST
RETURNING tenant_id, store_id, kind, value, member_id;
