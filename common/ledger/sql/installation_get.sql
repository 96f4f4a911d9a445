-- SPDX-License-Identifier: MIT
-- The number by which this installation's messages are told from another's.
-- in:
-- out: installation_id
SELECT installation_id FROM installation;
