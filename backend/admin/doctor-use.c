/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * craton doctor, what an application would meet: the module is loaded in child processes that use it as they are, as a hardened service
 * would, and across a fork; and it is asked which PINs are locked. Called by doctor.c.
 */
#include "config.h"

#include "doctor.h"

#include <dlfcn.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>

#include "names.h"
#include "pkcs11.h"

/* Says which function failed, and how; TRUE for CKR_OK. */
static gboolean
expect (CK_RV rv, CK_RV wanted, const char *function, GString *said)
{
	const char *name = craton_name (CRATON_NAME_CKR, rv);

	if (rv == wanted)
		return TRUE;
	g_string_append_printf (said, _ ("%s answers %s"), function, name != NULL ? name : "?");
	return FALSE;
}

static CK_FUNCTION_LIST *
load (const char *path, GString *said)
{
	void *library = dlopen (path, RTLD_NOW | RTLD_LOCAL);
	CK_C_GetFunctionList get_list = NULL;
	CK_FUNCTION_LIST *list = NULL;

	if (library != NULL)
		*(void **) &get_list = dlsym (library, "C_GetFunctionList");
	if (get_list == NULL)
		g_string_append (said, dlerror ());
	else if (expect (get_list (&list), CKR_OK, "C_GetFunctionList", said))
		return list;
	return NULL;
}

/* From C_Initialize to the first slots, which needs a backend and a lane. */
static gboolean
begin (CK_FUNCTION_LIST *list, GString *said)
{
	CK_ULONG n = 0;

	return list != NULL && expect (list->C_Initialize (NULL), CKR_OK, "C_Initialize", said) &&
	       expect (list->C_GetSlotList (CK_FALSE, NULL, &n), CKR_OK, "C_GetSlotList", said);
}

static gboolean
use_module (gconstpointer data, GString *ret_said)
{
	CK_FUNCTION_LIST *list = load (data, ret_said);

	return begin (list, ret_said) && expect (list->C_Finalize (NULL), CKR_OK, "C_Finalize", ret_said);
}

static char *
advise_log (void)
{
	return g_strdup (_ ("the system log says why (journalctl -g craton); CRATON_DEBUG=1 shows it here"));
}

void
craton_doctor_application (CratonDoctor *doctor)
{
	g_autofree char *said = NULL;

	if (craton_doctor_in_child (use_module, doctor->module, &said)) {
		craton_doctor_find (doctor, CRATON_DOCTOR_OK, g_strdup (_ ("the module starts a token process and gets its slots")), NULL);
	} else {
		doctor->unusable = TRUE;
		craton_doctor_find (doctor, CRATON_DOCTOR_WRONG, g_strdup_printf (_ ("an application cannot use the module: %s"), said),
		                    advise_log ());
	}
}

#define NR offsetof (struct seccomp_data, nr)
/* The lower half, on machines where that comes first. */
#define ARGUMENT(n) offsetof (struct seccomp_data, args[n])
#define LOAD(what) BPF_STMT (BPF_LD | BPF_W | BPF_ABS, what)
#define IF(value, skip) BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, value, 0, skip)
#define IF_ANY(bits, skip) BPF_JUMP (BPF_JMP | BPF_JSET | BPF_K, bits, 0, skip)
#define END(how) BPF_STMT (BPF_RET | BPF_K, how)
#define NO END (SECCOMP_RET_ERRNO | EPERM)
#define YES END (SECCOMP_RET_ALLOW)

static gboolean
filter (struct sock_filter *steps, gsize n)
{
	struct sock_fprog program = { (unsigned short) n, steps };

	return prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl (PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) == 0;
}

static gboolean
no_new_privileges (void)
{
	return prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
}

/* As MemoryDenyWriteExecute= has it: no page that can be both written and run, and none made one to run. */
static gboolean
no_written_code (void)
{
	struct sock_filter rules[] = {
		LOAD (NR),
		IF (SYS_mmap, 5),
		LOAD (ARGUMENT (2)),
		BPF_STMT (BPF_ALU | BPF_AND | BPF_K, PROT_WRITE | PROT_EXEC),
		IF (PROT_WRITE | PROT_EXEC, 1),
		NO,
		YES,
		IF (SYS_mprotect, 3),
		LOAD (ARGUMENT (2)),
		IF_ANY (PROT_EXEC, 1),
		NO,
		YES,
	};

	return filter (rules, G_N_ELEMENTS (rules));
}

static gboolean
few_resources (void)
{
	const struct rlimit files = { 64, 64 }, locked = { 64 << 10, 64 << 10 };

	return setrlimit (RLIMIT_NOFILE, &files) == 0 && setrlimit (RLIMIT_MEMLOCK, &locked) == 0;
}

/* An empty /tmp, where this user may have one. */
static gboolean
private_tmp (void)
{
	if (unshare (geteuid () == 0 ? CLONE_NEWNS : CLONE_NEWNS | CLONE_NEWUSER) != 0 ||
	    mount (NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
		return FALSE;
	return mount ("tmpfs", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV, NULL) == 0;
}

static gboolean
no_memfd (void)
{
	struct sock_filter rules[] = { LOAD (NR), IF (SYS_memfd_create, 1), NO, YES };

	return filter (rules, G_N_ELEMENTS (rules));
}

typedef struct {
	const char *name; /* as systemd.exec(5) calls it */
	gboolean (*harden) (void);
	CratonDoctorState failing;
	gboolean needed;  /* what is taken away here is needed: an answer and no crash is all that can be wished */
	const char *todo;
} Profile;

static const Profile profiles[] = {
	{ "NoNewPrivileges=yes", no_new_privileges, CRATON_DOCTOR_WRONG, FALSE, N_ ("report this: it has to work") },
	{ "MemoryDenyWriteExecute=yes", no_written_code, CRATON_DOCTOR_WRONG, FALSE, N_ ("MemoryDenyWriteExecute=no in the service's unit") },
	{ "LimitNOFILE=64 LimitMEMLOCK=64K", few_resources, CRATON_DOCTOR_WARNING, FALSE, N_ ("raise both limits in the service's unit") },
	{ "PrivateTmp=yes", private_tmp, CRATON_DOCTOR_WARNING, FALSE, N_ ("keep the module, its program and the stores out of /tmp") },
	{ "SystemCallFilter=~memfd_create", no_memfd, CRATON_DOCTOR_WRONG, TRUE, N_ ("SystemCallFilter=memfd_create in the service's unit") },
};

typedef struct {
	const Profile *profile;
	const char *module;
} Hardened;

#define CANNOT_HARDEN "-"

static gboolean
use_hardened (gconstpointer data, GString *ret_said)
{
	const Hardened *hardened = data;

	if (!hardened->profile->harden ()) {
		g_string_assign (ret_said, CANNOT_HARDEN);
		return FALSE;
	}
	return use_module (hardened->module, ret_said);
}

void
craton_doctor_hardened (CratonDoctor *doctor)
{
	/* Its advice would be wrong where another check has told why. */
	for (gsize i = 0; !doctor->unusable && i < G_N_ELEMENTS (profiles); i++) {
		const Profile *profile = &profiles[i];
		const Hardened hardened = { profile, doctor->module };
		g_autofree char *said = NULL;
		gboolean good = craton_doctor_in_child (use_hardened, &hardened, &said);

		if (!good && g_str_equal (said, CANNOT_HARDEN))
			craton_doctor_find (doctor, CRATON_DOCTOR_OK,
			                    g_strdup_printf (_ ("%s: cannot be tried here as this user"), profile->name), NULL);
		else if (good)
			craton_doctor_find (doctor, CRATON_DOCTOR_OK, g_strdup_printf (_ ("%s: works"), profile->name), NULL);
		else if (profile->needed && strstr (said, "CKR_") != NULL)
			craton_doctor_find (doctor, CRATON_DOCTOR_OK,
			                    g_strdup_printf (_ ("%s: refused in good order (%s); such a service needs %s"), profile->name, said,
			                                     profile->todo),
			                    NULL);
		else
			craton_doctor_find (doctor, profile->failing, g_strdup_printf ("%s: %s", profile->name, said),
			                    g_strdup (_ (profile->todo)));
	}
}

/* In the child of a fork: refused until it calls C_Initialize, and then on its own. */
static gboolean
use_in_fork (CK_FUNCTION_LIST *list, GString *said)
{
	CK_ULONG n = 0;

	return expect (list->C_GetSlotList (CK_FALSE, NULL, &n), CKR_CRYPTOKI_NOT_INITIALIZED, "C_GetSlotList", said) &&
	       begin (list, said) && expect (list->C_Finalize (NULL), CKR_OK, "C_Finalize", said);
}

static gboolean
use_forked (gconstpointer data, GString *ret_said)
{
	CK_FUNCTION_LIST *list = load (data, ret_said);
	CK_ULONG n = 0;
	int status = -1;
	pid_t pid;

	if (!begin (list, ret_said))
		return FALSE;
	pid = fork ();
	if (pid == 0)
		_exit (use_in_fork (list, ret_said) ? 0 : 1);
	if (pid < 0 || waitpid (pid, &status, 0) != pid || status != 0) {
		g_string_append (ret_said, _ ("the child was not refused at first, or could not begin anew"));
		return FALSE;
	}
	return expect (list->C_GetSlotList (CK_FALSE, NULL, &n), CKR_OK, "C_GetSlotList", ret_said) &&
	       expect (list->C_Finalize (NULL), CKR_OK, "C_Finalize", ret_said);
}

void
craton_doctor_fork (CratonDoctor *doctor)
{
	g_autofree char *said = NULL;

	if (doctor->unusable)
		return;
	if (craton_doctor_in_child (use_forked, doctor->module, &said))
		craton_doctor_find (doctor, CRATON_DOCTOR_OK,
		                    g_strdup (_ ("a forked child is refused, begins anew, and its parent goes on")), NULL);
	else
		craton_doctor_find (doctor, CRATON_DOCTOR_WRONG, g_strdup_printf (_ ("fork: %s"), said), advise_log ());
}

/* Says a line for each token: its flags and its label. */
static gboolean
list_tokens (gconstpointer data, GString *ret_said)
{
	CK_FUNCTION_LIST *list = load (data, ret_said);
	CK_SLOT_ID slots[256];
	CK_ULONG n = G_N_ELEMENTS (slots);
	CK_TOKEN_INFO info;

	if (list == NULL || !expect (list->C_Initialize (NULL), CKR_OK, "C_Initialize", ret_said) ||
	    !expect (list->C_GetSlotList (CK_TRUE, slots, &n), CKR_OK, "C_GetSlotList", ret_said))
		return FALSE;
	for (CK_ULONG i = 0; i < n; i++) {
		if (list->C_GetTokenInfo (slots[i], &info) == CKR_OK && (info.flags & CKF_TOKEN_INITIALIZED) != 0)
			g_string_append_printf (ret_said, "%lx %.32s\n", info.flags, (const char *) info.label);
	}
	return expect (list->C_Finalize (NULL), CKR_OK, "C_Finalize", ret_said);
}

static const struct {
	CK_FLAGS flag;
	CratonDoctorState state;
	const char *found;
	const char *todo;
} pin_flags[] = {
	{ CKF_SO_PIN_LOCKED, CRATON_DOCTOR_WRONG, N_ ("%s: the security officer's PIN is locked"),
	  N_ ("only initialising the token anew helps, which destroys its objects: use it as it is, or restore a backup") },
	{ CKF_USER_PIN_LOCKED, CRATON_DOCTOR_WRONG, N_ ("%s: the user's PIN is locked"),
	  N_ ("the security officer sets a new one: p11tool --initialize-pin") },
	{ CKF_SO_PIN_FINAL_TRY, CRATON_DOCTOR_WARNING, N_ ("%s: one more wrong PIN locks out the security officer"),
	  N_ ("log in once with the right one") },
	{ CKF_USER_PIN_FINAL_TRY, CRATON_DOCTOR_WARNING, N_ ("%s: one more wrong PIN locks out the user"),
	  N_ ("log in once with the right one") },
};

static void
check_pins (CratonDoctor *doctor, const char *line)
{
	char *label = NULL;
	CK_FLAGS flags = g_ascii_strtoull (line, &label, 16);
	g_autofree char *name = g_strstrip (g_strdup (label));
	gboolean good = TRUE;

	for (gsize i = 0; i < G_N_ELEMENTS (pin_flags); i++) {
		if ((flags & pin_flags[i].flag) == 0)
			continue;
		craton_doctor_find (doctor, pin_flags[i].state, g_strdup_printf (_ (pin_flags[i].found), name),
		                    g_strdup (_ (pin_flags[i].todo)));
		good = FALSE;
	}
	if (good)
		craton_doctor_find (doctor, CRATON_DOCTOR_OK, g_strdup_printf (_ ("%s: no PIN is locked"), name), NULL);
}

void
craton_doctor_pins (CratonDoctor *doctor)
{
	g_autofree char *said = NULL;
	g_auto (GStrv) lines = NULL;

	/* Why not, another check has told. */
	if (!craton_doctor_in_child (list_tokens, doctor->module, &said))
		return;
	lines = g_strsplit (said, "\n", -1);
	for (char **line = lines; *line != NULL; line++) {
		if (**line != '\0')
			check_pins (doctor, *line);
	}
}
