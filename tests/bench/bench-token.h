/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A token with the harness's keys in it, through any function list. All return a CK_RV.
 */
#ifndef CRATON_BENCH_TOKEN_H
#define CRATON_BENCH_TOKEN_H

#include "bench.h"

/* The first initialised token's slot; CKR_TOKEN_NOT_PRESENT if there is none. */
CK_RV bench_token_find (CK_FUNCTION_LIST *p11, CK_SLOT_ID *ret_slot);

/* Initialises the first slot's token with both PINs, and makes the keys that later runs find on it. */
CK_RV bench_token_make (CK_FUNCTION_LIST *p11);

CK_RV bench_token_session (CK_FUNCTION_LIST *p11, CK_SLOT_ID slot, CK_SESSION_HANDLE *ret_session);
CK_RV bench_token_login (CK_FUNCTION_LIST *p11, CK_SESSION_HANDLE session);

typedef enum { BENCH_EC, BENCH_RSA, BENCH_ED, BENCH_PAIRS } BenchPair;

/* @on_token: with the label that bench_token_key() looks for. @is_private: for who has logged in. */
CK_RV bench_token_pair (CK_FUNCTION_LIST *p11, CK_SESSION_HANDLE session, BenchPair pair, bool on_token, bool is_private,
                        CK_OBJECT_HANDLE *ret_public, CK_OBJECT_HANDLE *ret_private);

/* A key of the token by its label. */
CK_RV bench_token_key (CK_FUNCTION_LIST *p11, CK_SESSION_HANDLE session, BenchPair pair, CK_OBJECT_CLASS class,
                       CK_OBJECT_HANDLE *ret_key);

/* Secret key number @i, with an ID and a label of its own. */
CK_RV bench_token_object (CK_FUNCTION_LIST *p11, CK_SESSION_HANDLE session, uint32_t i, bool on_token);

/* Finds that one by its ID or by its label: Init, one look, Final. */
CK_RV bench_token_look (CK_FUNCTION_LIST *p11, CK_SESSION_HANDLE session, uint32_t i, bool by_id);

/* Signs 32 bytes with an EC key. */
CK_RV bench_token_sign (CK_FUNCTION_LIST *p11, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key);

#endif /* CRATON_BENCH_TOKEN_H */
