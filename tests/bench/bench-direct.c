/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The soft token without proxy, wire and process: what these cost is the difference. bench-load.c is the other one of the two.
 */
#include "config.h"

#include "bench.h"

#include "token.h"

CK_FUNCTION_LIST *
bench_load (const char *path)
{
	CratonTokenConfig config = { .name = (char *) "bench", .store = (char *) path, .pin_cost = 14 };

	craton_token_configure (&config, 1);
	return (CK_FUNCTION_LIST *) craton_token_function_list ();
}
