-- SPDX-License-Identifier: MIT
-- Has no process post a fold alone until alone_unlock or the end of the connection;
-- false if one is posting or waits to post.
-- in:
-- out: hindered
SELECT pg_try_advisory_lock_shared(hashtextextended('alone post', 0)) AS hindered;
