/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A module with every fault that a module can have, in whatever function a test asks for: see fault-control.h. If it is asked for
 * nothing it has one token in one slot, and its functions answer CKR_OK.
 */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fault-control.h"
#include "kinds.h"
#include "recorder.h"

#define LEAK_LEN ((size_t) 1 << 20)
#define LEAK_DESCRIPTORS 16

/* A forked child lives on behind its parent, but not for ever. */
#define CHILD_S 3

static FaultControl *control;
static atomic_ulong last_session;

static void *
pointer (CK_ULONG word)
{
	return (void *) (uintptr_t) word;
}

static void
map_control (const char *path)
{
	int fd = path != NULL ? open (path, O_RDWR | O_CLOEXEC) : -1;
	void *memory = MAP_FAILED;

	if (fd >= 0)
		memory = mmap (NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (memory != MAP_FAILED)
		control = memory;
	if (fd >= 0)
		(void) close (fd);
}

static void
block_signals (void)
{
	sigset_t all;

	(void) sigfillset (&all);
	(void) pthread_sigmask (SIG_SETMASK, &all, NULL);
}

static void *
sleep_for_ever (void *data)
{
	for (;;)
		(void) pause ();
	return data;
}

static void
spin (void)
{
	static volatile unsigned long turns;

	for (;;)
		turns++;
}

static void
leak (void)
{
	void *memory = malloc (LEAK_LEN);
	pthread_t thread;

	if (memory != NULL)
		memset (memory, 1, LEAK_LEN);
	for (int i = 0; i < LEAK_DESCRIPTORS; i++)
		(void) open ("/dev/null", O_RDWR);
	if (pthread_create (&thread, NULL, sleep_for_ever, memory) == 0)
		(void) pthread_detach (thread);
}

static void
print (void)
{
	static const char line[] = "a module that prints\n";

	for (int i = 0; i < 1000; i++) {
		(void) !write (STDOUT_FILENO, line, sizeof line - 1);
		(void) !write (STDERR_FILENO, line, sizeof line - 1);
	}
	(void) fputs (line, stdout);
}

static void
change_signals (void)
{
	block_signals ();
	for (int number = 1; number < NSIG; number++)
		(void) signal (number, number % 2 == 0 ? SIG_IGN : SIG_DFL);
}

/* The child has the descriptors, and one thread of several. */
static void
fork_child (void)
{
	if (fork () == 0) {
		(void) sleep (CHILD_S);
		_exit (0);
	}
}

/* What a caller gets by each letter of the signature, as it would be if the module had gone mad. */
static void
answer_absurdly (CratonCallId call, const CK_ULONG *args)
{
	for (const char *letter = craton_calls[call].signature; *letter != '\0'; letter++) {
		size_t n_args = strlen (craton_kind (*letter)->args);
		CK_ULONG *last = pointer (args[n_args - 1]);
		CK_ATTRIBUTE *attrs = pointer (args[0]);

		switch (*letter) {
		case 'U':
		case 'o':
		case 'r':
		case 'L':
		case 'F':
			if (last != NULL)
				*last = ~0ul;
			break;
		case 'G':
			for (CK_ULONG i = 0; attrs != NULL && i < args[1]; i++)
				attrs[i].ulValueLen = 1ul << 40;
			break;
		case '1':
			if (last != NULL)
				memset (last, 0xff, sizeof (CK_SLOT_INFO));
			break;
		case '2':
			if (last != NULL)
				memset (last, 0xff, sizeof (CK_TOKEN_INFO));
			break;
		case '3':
			if (last != NULL)
				memset (last, 0xff, sizeof (CK_MECHANISM_INFO));
			break;
		case '4':
			if (last != NULL)
				memset (last, 0xff, sizeof (CK_SESSION_INFO));
			break;
		case 'D':
			if (last != NULL)
				((CK_ASYNC_DATA *) (void *) last)->ulValueLen = ~0ul;
			break;
		default:
			break;
		}
		args += n_args;
	}
}

/* Those that do not come back. */
static void
end (Fault fault)
{
	switch (fault) {
	case FAULT_FORK_CRASH:
		fork_child ();
		(void) raise (SIGSEGV);
		break;
	case FAULT_CRASH:
		(void) raise (SIGSEGV);
		break;
	case FAULT_ABORT:
		abort ();
	case FAULT_EXIT:
		exit (0);
	case FAULT_HANG:
		block_signals ();
		(void) sleep_for_ever (NULL);
		break;
	case FAULT_SPIN:
		block_signals ();
		spin ();
		break;
	default:
		break;
	}
}

/* Those that do something before the function answers. */
static void
misbehave (Fault fault)
{
	switch (fault) {
	case FAULT_STOP:
		(void) raise (SIGSTOP);
		break;
	case FAULT_LEAK:
		leak ();
		break;
	case FAULT_PRINT:
		print ();
		break;
	case FAULT_MASK:
		change_signals ();
		break;
	case FAULT_FORK:
		fork_child ();
		break;
	case FAULT_FORK_RETURN:
		(void) !fork ();
		break;
	case FAULT_CLOSE:
		closefrom (0);
		break;
	default:
		end (fault);
		break;
	}
}

/* The fault that is due in @call, which is noted as entered. */
static Fault
enter (CratonCallId call)
{
	Fault fault = FAULT_NONE;

	if (control == NULL)
		map_control (getenv ("FAULT_CONTROL"));
	if (control == NULL)
		return FAULT_NONE;
	if (atomic_load (&control->call) == (int) call)
		fault = (Fault) atomic_load (&control->fault);
	(void) atomic_fetch_add (&control->entered[call], 1);
	misbehave (fault);
	return fault;
}

static CK_RV
list_slots (CK_SLOT_ID *list, CK_ULONG *count)
{
	CK_ULONG room = *count;

	*count = 1;
	if (list != NULL && room < 1)
		return CKR_BUFFER_TOO_SMALL;
	if (list != NULL)
		list[0] = FAULT_SLOT;
	return CKR_OK;
}

static CK_RV
tell_token (CK_TOKEN_INFO *info)
{
	memset (info, 0, sizeof *info);
	memset (info->label, ' ', sizeof info->label);
	memcpy (info->label, "faults", 6);
	return CKR_OK;
}

/* The sum of the data's bytes, so that a result can be told from a wrong one. */
static CK_RV
digest (const CK_BYTE *data, CK_ULONG len, CK_BYTE *result, CK_ULONG *result_len)
{
	CK_ULONG room = *result_len;
	uint64_t sum = 0;

	*result_len = sizeof sum;
	if (result == NULL)
		return CKR_OK;
	if (room < sizeof sum)
		return CKR_BUFFER_TOO_SMALL;
	for (CK_ULONG i = 0; data != NULL && i < len; i++)
		sum += data[i];
	memcpy (result, &sum, sizeof sum);
	return CKR_OK;
}

static CK_RV
tell_event (CK_SLOT_ID *slot)
{
	if (control == NULL || atomic_load (&control->n_events) == 0)
		return CKR_NO_EVENT;
	(void) atomic_fetch_sub (&control->n_events, 1);
	*slot = FAULT_SLOT;
	return CKR_OK;
}

static CK_RV
answer (CratonCallId call, const CK_ULONG *args)
{
	switch (call) {
	case CRATON_C_GetSlotList:
		return list_slots (pointer (args[1]), pointer (args[2]));
	case CRATON_C_GetTokenInfo:
		return args[1] != 0 ? tell_token (pointer (args[1])) : CKR_ARGUMENTS_BAD;
	case CRATON_C_OpenSession:
		*(CK_SESSION_HANDLE *) pointer (args[4]) = 1 + atomic_fetch_add (&last_session, 1);
		return CKR_OK;
	case CRATON_C_GenerateRandom:
		memset (pointer (args[1]), FAULT_RANDOM, args[1] != 0 ? args[2] : 0);
		return CKR_OK;
	case CRATON_C_Digest:
		return args[4] != 0 ? digest (pointer (args[1]), args[2], pointer (args[3]),
		                              pointer (args[4]))
		                    : CKR_ARGUMENTS_BAD;
	case CRATON_C_WaitForSlotEvent:
		return tell_event (pointer (args[1]));
	default:
		return CKR_OK;
	}
}

static CK_RV
record (CratonCallId call, const CK_ULONG *args)
{
	const CK_C_INITIALIZE_ARGS *init = pointer (args[0]);
	Fault fault;

	if (call == CRATON_C_Initialize && getenv ("FAULT_CONTROL") == NULL && init != NULL &&
	    control == NULL)
		map_control (init->pReserved);
	fault = enter (call);
	if (fault == FAULT_CODE)
		return ~0ul;
	if (fault == FAULT_ABSURD) {
		answer_absurdly (call, args);
		return CKR_OK;
	}
	return answer (call, args);
}

CK_RV
C_GetFunctionList (CK_FUNCTION_LIST_PTR_PTR list)
{
	Fault fault = enter (CRATON_C_GetFunctionList);

	*list = fault == FAULT_ABSURD ? NULL : (CK_FUNCTION_LIST *) &recorder;
	return fault == FAULT_CODE ? ~0ul : CKR_OK;
}

CK_RV
C_GetInterfaceList (CK_INTERFACE_PTR list, CK_ULONG_PTR count)
{
	Fault fault = enter (CRATON_C_GetInterfaceList);

	*count = fault == FAULT_ABSURD ? ~0ul : 0;
	return fault == FAULT_CODE ? ~0ul : CKR_OK;
}

CK_RV
C_GetInterface (CK_UTF8CHAR_PTR name, CK_VERSION_PTR version, CK_INTERFACE_PTR_PTR interface,
                CK_FLAGS flags)
{
	static char standard[] = "PKCS 11";
	static CK_INTERFACE only = { standard, &recorder, 0 };
	Fault fault = enter (CRATON_C_GetInterface);

	if (version == NULL || version->major != 3 || version->minor != 2)
		return CKR_FUNCTION_FAILED;
	*interface = fault == FAULT_ABSURD ? NULL : &only;
	return fault == FAULT_CODE ? ~0ul : CKR_OK;
}
