-- SPDX-License-Identifier: MIT
--
-- A login for each process, one for the operator and one for backups, each a
-- member of its one role and of nothing else.  Passwords come in the environment:
--
--	POSTGRES_RECEIVE_PASSWORD=... psql -X -q -f deploy/logins.sql
--
-- as whoever may make roles, after `loyald migrate`.  It may be run again, and
-- then sets the passwords anew: docker-compose.yml does so at each start.

\set ON_ERROR_STOP on
\set receive ''
\getenv receive POSTGRES_RECEIVE_PASSWORD
\set work ''
\getenv work POSTGRES_WORK_PASSWORD
\set push ''
\getenv push POSTGRES_PUSH_PASSWORD
\set reconcile ''
\getenv reconcile POSTGRES_RECONCILE_PASSWORD
\set schedule ''
\getenv schedule POSTGRES_SCHEDULE_PASSWORD
\set serve ''
\getenv serve POSTGRES_SERVE_PASSWORD
\set operator ''
\getenv operator POSTGRES_OPERATOR_PASSWORD
\set backup ''
\getenv backup POSTGRES_BACKUP_PASSWORD

-- No password gets into the server's log, not even with a statement that fails;
-- only a superuser may say so.
\o /dev/null
SELECT set_config(name, value, false)
FROM (VALUES ('log_statement', 'none'), ('log_min_error_statement', 'panic'),
    ('log_min_duration_statement', '-1')) AS quiet (name, value)
WHERE (SELECT rolsuper FROM pg_roles WHERE rolname = current_user);
\o

CREATE TEMPORARY TABLE login AS
SELECT name, coalesce(reads, 'loyald_' || name) AS role, 'loyald_' || name || '_login' AS login,
    password
FROM (VALUES ('receive', :'receive', NULL), ('work', :'work', NULL),
    ('push', :'push', NULL), ('reconcile', :'reconcile', NULL),
    ('schedule', :'schedule', NULL),
    ('serve', :'serve', NULL), ('operator', :'operator', NULL),
    ('backup', :'backup', 'pg_read_all_data')) AS given (name, password, reads);

DO $$
DECLARE
	missing text := (SELECT string_agg('POSTGRES_' || upper(name) || '_PASSWORD', ', ')
	    FROM login WHERE password = '');
BEGIN
	IF missing IS NOT NULL THEN
		RAISE EXCEPTION 'no login was made: set % in the environment', missing;
	END IF;
END $$;

SELECT format('CREATE USER %I', login) FROM login
WHERE login NOT IN (SELECT rolname FROM pg_roles)
\gexec
SELECT format('ALTER USER %I PASSWORD %L', login, password) FROM login
\gexec
SELECT format('GRANT %I TO %I', role, login) FROM login
WHERE NOT pg_has_role(login, role, 'MEMBER')
\gexec
