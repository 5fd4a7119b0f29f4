/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A call's way over the wire without a lane: request, out region and reply each in memory of the
 * exact size, so that the address sanitizer sees whoever reads or writes behind them.
 */
#ifndef CRATON_TRIP_H
#define CRATON_TRIP_H

#include "samples.h"

typedef struct {
	const CratonCallRow *call;
	CratonWire proxy, backend;
	CratonArena arena;
	uint8_t *request, *out, *reply;
	size_t request_len, out_len, reply_len;
	CK_ULONG args[CRATON_ARGS_MAX]; /* the module's */
} Trip;

static inline uint8_t *
trip_copy (const void *bytes, size_t len)
{
	uint8_t *copy = malloc (len);

	SAMPLE_EXPECT (copy != NULL, "memory");
	if (len != 0)
		memcpy (copy, bytes, len);
	return copy;
}

/* Caller to wire. Returns what the proxy refuses with, CKR_OK if there is a request. */
static inline CK_RV
trip_put_request (Trip *trip, const CratonCallRow *call, const CK_ULONG *args)
{
	size_t cap = 0;
	uint8_t *room = NULL;

	memset (trip, 0, sizeof *trip);
	trip->call = call;
	/* The first time without any room: what is put goes on counting. */
	for (int i = 0; i < 2; i++) {
		free (room);
		room = malloc (cap);
		SAMPLE_EXPECT (room != NULL, "memory");
		memset (&trip->proxy, 0, sizeof trip->proxy);
		craton_buf_init (&trip->proxy.buf, room, cap);
		craton_kinds_put_request (&trip->proxy, call, args);
		if (trip->proxy.rv != CKR_OK)
			break;
		cap = trip->proxy.buf.pos;
	}
	trip->request = room;
	if (trip->proxy.rv != CKR_OK)
		return trip->proxy.rv;
	SAMPLE_EXPECT (craton_buf_done (&trip->proxy.buf), "request");
	trip->request_len = cap;
	trip->out_len = trip->proxy.out_len;
	trip->out = malloc (trip->out_len);
	SAMPLE_EXPECT (trip->out != NULL, "memory");
	return CKR_OK;
}

/* Wire to module: decodes @len bytes at @request as the request; whether they are one. */
static inline bool
trip_get_request (Trip *trip, uint8_t *request, size_t len)
{
	craton_arena_clear (&trip->arena);
	memset (&trip->backend, 0, sizeof trip->backend);
	memset (trip->args, 0, sizeof trip->args);
	trip->backend.arena = &trip->arena;
	trip->backend.out = trip->out;
	trip->backend.out_len = trip->out_len;
	craton_buf_init (&trip->backend.buf, request, len);
	craton_kinds_get_request (&trip->backend, trip->call, trip->args);
	return craton_buf_done (&trip->backend.buf);
}

/* Module to wire, within what the proxy has said that a reply can need at the most. */
static inline bool
trip_put_response (Trip *trip, CK_RV rv)
{
	free (trip->reply);
	trip->reply = malloc (trip->proxy.reply_max);
	SAMPLE_EXPECT (trip->reply != NULL, "memory");
	craton_buf_init (&trip->backend.buf, trip->reply, trip->proxy.reply_max);
	craton_kinds_put_response (&trip->backend, trip->call, rv, trip->args);
	trip->reply_len = trip->backend.buf.pos;
	return !trip->backend.buf.failed;
}

/* Wire to caller: takes @len bytes at @reply as the reply; whether they are one. */
static inline bool
trip_get_response (Trip *trip, uint8_t *reply, size_t len, CK_RV rv, const CK_ULONG *args)
{
	craton_buf_init (&trip->proxy.buf, reply, len);
	trip->proxy.out = trip->out;
	trip->proxy.out_pos = 0;
	craton_kinds_get_response (&trip->proxy, trip->call, rv, args);
	return craton_buf_done (&trip->proxy.buf);
}

static inline void
trip_clear (Trip *trip)
{
	craton_arena_clear (&trip->arena);
	free (trip->request);
	free (trip->out);
	free (trip->reply);
	trip->request = trip->out = trip->reply = NULL;
}

#endif /* CRATON_TRIP_H */
