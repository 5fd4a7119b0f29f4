/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the fork cases share: a module and a token to use, work in progress that a fork must not
 * disturb, what is asked of a child, and talking between the two without sleeping. A case runs in a
 * process of its own; whatever goes wrong in it or in a process that it makes ends that process
 * with a line on standard error.
 */
#ifndef CRATON_TESTS_FORK_COMMON_H
#define CRATON_TESTS_FORK_COMMON_H

#include "pkcs11.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* How long anything that is waited for may take before it counts as hanging. */
#define PATIENCE_MS 30000

typedef enum {
	/* The run was started by root. */
	NEEDS_ROOT = 1 << 0,
	/* In the hosted columns another module is hosted: hosted-unlocked.c. */
	UNLOCKED_INIT = 1 << 1
} ForkCaseFlags;

typedef struct {
	const char *id;    /* names the row; p11-kit.c refers to it */
	const char *title; /* stands in the table */
	void (*run) (void);
	int flags;
} ForkCase;

/* Where a test runs: one column of the table. */
typedef struct {
	const char *column;
	bool hosted;      /* SoftHSM behind craton-backend --host; else the soft token */
	bool via_p11_kit; /* through p11-kit-proxy.so; else craton-pkcs11.so itself */
	const char *case_id;
	char scratch[64];
	char module[128]; /* craton-pkcs11.so */
	char self[128];   /* this program */
	pid_t runner;     /* subreaper: orphans are its children */
} Rig;

extern Rig rig;
extern CK_FUNCTION_LIST_3_2 *p11; /* through p11-kit only what CK_FUNCTION_LIST has */

extern const ForkCase split_cases[], shared_cases[], ends_cases[], threads_cases[], signals_cases[],
	init_cases[], random_cases[], descriptors_cases[], exec_cases[], reaping_cases[],
	limits_cases[], log_cases[];

/* p11-kit.c: how far p11-kit can take part in a case. */
typedef enum {
	P11_KIT_FULL,   /* as if it were not there; and so it is in the columns without it */
	P11_KIT_BLIND,  /* does not see the fork, and has to be told with C_Finalize */
	P11_KIT_BREAKS, /* cannot do it: "n/a" in the table */
} P11KitPart;

/* @ret_note: what the table says about it, or NULL */
P11KitPart p11_kit_part (const char *case_id, const char **ret_note);

/* Of the case that runs. */
bool p11_kit_blind (void);
bool p11_kit_breaks (void);

/* Failing */

void fail (const char *file, int line, const char *format, ...)
	__attribute__ ((noreturn, format (printf, 3, 4)));
#define check(x)                                             \
	do {                                                 \
		if (!(x))                                    \
			fail (__FILE__, __LINE__, "%s", #x); \
	} while (0)
#define check_rv(call, expected) check_rv_at (__FILE__, __LINE__, #call, call, expected)
void check_rv_at (const char *file, int line, const char *what, CK_RV rv, CK_RV expected);

/* Whether `./run test --long` asks for more repetitions. */
bool is_long (void);

/* Module and token */

/* Loads the column's module; nothing is initialised. */
void load_module (void);
extern void *module_library; /* dlopen's handle */

/* The list has the function: through p11-kit only those of PKCS#11 2.40 are there. */
bool has_function (int call);

void initialize (void);
void finalize (void);

/* A session on the test's token and its keys there. */
typedef struct {
	CK_SESSION_HANDLE session;
	CK_OBJECT_HANDLE private_key, public_key;
} User;

CK_SLOT_ID find_slot (void);
User open_user (void);
void log_in (const User *user);

/* The private key is found only after a login, on whatever session. */
void find_keys (User *user);

/* All three. */
User new_user (void);

/* Signs a text and verifies the signature. */
void sign (const User *user);

/* C_Sign alone with a fixed text. */
CK_RV try_sign (const User *user, CK_BYTE *signature, CK_ULONG *inout_len);

/* Initialises a token in the scratch folder and makes its keys; in a process that is not used
 * otherwise. */
void make_token (void);

/* Work in progress: a login, a signature of several parts half done, a search half done. */
typedef struct {
	User user, parts;
	CK_SESSION_HANDLE search;
	CK_ULONG n_parts;
} Work;

void work_begin (Work *work);
void work_go_on (Work *work);
void work_end (Work *work);

/* Children */

/* Every function of the table but C_Initialize and the C_Get* that give lists answers
 * CKR_CRYPTOKI_NOT_INITIALIZED. With a session handle it is given @session. */
void expect_refused (CK_SESSION_HANDLE session);

/* The same without a look at craton_check_fork(): in a child that shares its parent's memory. NULL,
 * or the name of the function that is not refused. */
const char *find_not_refused (CK_SESSION_HANDLE session);

/* Makes one call in the way of find_not_refused(), so that the dynamic linker has nothing left to
 * write when that runs. */
void practise (void);

/* C_Initialize, a login, a signature. */
void start_anew (void);

/* Two ends of one conversation; made before the fork. */
typedef struct {
	int down[2], up[2];
} Talk;

void talk_open (Talk *talk);
void tell_child (const Talk *talk);
void tell_parent (const Talk *talk);
void await_child (const Talk *talk);
void await_parent (const Talk *talk);

/* Gives up the child's ends, so that its death ends await_child(). */
void talk_as_parent (Talk *talk);

/* The whole of what is asked of a child; child_life() in it, parent_life() at the same time in its
 * parent. */
void child_life (const Talk *talk, const Work *work);
void parent_life (const Talk *talk, Work *work);

/* Without the C library, so that nobody hears of it. @number: the process id that the child shall
 * have, or 0. */
pid_t raw_clone (unsigned long flags);
pid_t raw_clone3 (pid_t number);

/* The child ends with status 0, within PATIENCE_MS. */
void await_end (pid_t pid);

/* The process ends, whoever's child it is, within @limit_ms. */
void await_gone (int pidfd, int limit_ms);
int open_pidfd (pid_t pid);
int64_t now_ms (void);

/* Becomes process 1 of a pid namespace: the caller goes on in it, while its parent waits for it and
 * ends as it ends. */
void become_first (void);

/* A mount namespace of its own, from which nothing spreads. */
void enter_mount_namespace (void);

/* There: /proc with that namespace's numbers, in a mount namespace of its own. */
void mount_proc (void);

#define N_BACKENDS_MAX 64

/* The backends that are children of @parent; returns how many. */
size_t list_backends (pid_t parent, pid_t *pids, size_t n_max);

/* All that a case has that uses the token in one process: waits until there are just the first one,
 * a child of @parent, which is a subreaper, and in the hosted columns that one's child. Those of
 * before C_Finalize may take a moment to go. */
size_t await_backends (pid_t parent, pid_t pids[N_BACKENDS_MAX]);

/* Makes another user the owner of the scratch folder. */
void give_scratch_away (uid_t uid);

/* fork-run.c: runs @run in a child. Whether it ended well in time, and nothing that it made was left behind; what was is killed and
 * shown. */
bool run_in_child (void (*run) (void), int64_t limit_ms);

/* The scratch folder with all that is in it. */
void remove_scratch (void);

/* Reads a small file, with a zero byte at the end; false if there is none. */
bool read_text (const char *path, char *text, size_t text_len);
void write_text (const char *path, const char *text);

#endif /* CRATON_TESTS_FORK_COMMON_H */
