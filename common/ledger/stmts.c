/* SPDX-License-Identifier: MIT */
#define STMTS_TABLE
#include "ledger/stmts.h"
