-- SPDX-License-Identifier: MIT
-- Shows what a commit is worth.  A login without pg_monitor sees how many
-- standbys there are, and not which of them are asynchronous.
-- in:
-- out: has_fsync sync_names standbys asynchronous
SELECT current_setting('fsync') = 'on' AS has_fsync,
    current_setting('synchronous_standby_names') AS sync_names,
    count(*) AS standbys,
    count(*) FILTER (WHERE sync_state = 'async') AS asynchronous
FROM pg_stat_replication;
