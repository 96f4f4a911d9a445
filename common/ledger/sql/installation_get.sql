-- SPDX-License-Identifier: MIT
-- Reads the number that tells this installation's messages from another's.
-- in:
-- out: installation_id
SELECT installation_id FROM installation;
