-- SPDX-License-Identifier: MIT
-- Lists the roles of loyald that the login may take on.
-- in:  roles
-- out: role
SELECT rolname::text AS role
  FROM pg_roles
 WHERE rolname = ANY ($1::text[]) AND pg_has_role(session_user, oid, 'MEMBER')
 ORDER BY rolname;
