/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * craton doctor, what was installed: the registration with p11-kit, the module, the program of the token processes. Loads modules in a
 * child only: they are other people's code. Called by doctor.c.
 */
#include "config.h"

#include "doctor.h"

#include <dlfcn.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>

#include "pkcs11.h"

#include <p11-kit/p11-kit.h>

#define MODULE_NAME "craton-pkcs11.so"

/* Says the path of our module if p11-kit loads it, and otherwise how many others it loads. */
static gboolean
look_in_p11_kit (gconstpointer data, GString *ret_said)
{
	CK_FUNCTION_LIST **modules;

	(void) data;
	p11_kit_be_quiet ();
	modules = p11_kit_modules_load (NULL, 0);
	for (CK_FUNCTION_LIST **module = modules; module != NULL && *module != NULL; module++) {
		g_autofree char *path = p11_kit_module_get_filename (*module);
		g_autofree char *base = path != NULL ? g_path_get_basename (path) : NULL;

		if (g_strcmp0 (base, MODULE_NAME) == 0) {
			g_string_assign (ret_said, path);
			return TRUE;
		}
	}
	return FALSE;
}

void
craton_doctor_registration (CratonDoctor *doctor)
{
	const char *file = P11_MODULE_CONFIGS "/craton.module";
	g_autofree char *said = NULL;
	gboolean seen = craton_doctor_in_child (look_in_p11_kit, NULL, &said);

	if (seen)
		craton_doctor_find (doctor, CRATON_DOCTOR_OK, g_strdup_printf (_ ("p11-kit loads %s"), said), NULL);
	else if (*said != '\0')
		craton_doctor_find (doctor, CRATON_DOCTOR_WRONG, g_strdup_printf (_ ("p11-kit loads the registered modules: %s"), said),
		                    g_strdup (_ ("find the module with \"p11-kit list-modules\" and take it out")));
	else if (access (file, R_OK) == 0)
		craton_doctor_find (doctor, CRATON_DOCTOR_WRONG, g_strdup_printf (_ ("p11-kit does not load the module, which %s names"), file),
		                    g_strdup (_ ("see pkcs11.conf(5): the file names another path, or is switched off for this user")));
	else
		craton_doctor_find (doctor, CRATON_DOCTOR_WRONG, g_strdup (_ ("p11-kit does not know the module")),
		                    g_strdup_printf (_ ("install %s, or register it in ~/.config/pkcs11/modules"), file));
	if (doctor->module == NULL)
		doctor->module = seen ? g_strdup (said) : g_strdup (CRATON_MODULE_PATH);
}

/* Says the module's version, or why there is none. */
static gboolean
ask_version (gconstpointer data, GString *ret_said)
{
	void *library = dlopen (data, RTLD_NOW | RTLD_LOCAL);
	CK_C_GetFunctionList get_list = NULL;
	CK_FUNCTION_LIST *list = NULL;
	CK_INFO info;

	if (library != NULL)
		*(void **) &get_list = dlsym (library, "C_GetFunctionList");
	if (get_list == NULL) {
		g_string_assign (ret_said, dlerror ());
		return FALSE;
	}
	if (get_list (&list) != CKR_OK || list->C_Initialize (NULL) != CKR_OK || list->C_GetInfo (&info) != CKR_OK)
		return FALSE;
	(void) list->C_Finalize (NULL);
	if (memcmp (info.manufacturerID, "Craton ", 7) != 0)
		return FALSE;
	g_string_printf (ret_said, "%u.%u.", info.libraryVersion.major, info.libraryVersion.minor);
	return TRUE;
}

void
craton_doctor_module (CratonDoctor *doctor)
{
	g_autofree char *said = NULL;

	if (!craton_doctor_in_child (ask_version, doctor->module, &said))
		craton_doctor_find (doctor, CRATON_DOCTOR_WRONG,
		                    g_strdup_printf (_ ("%s cannot be used: %s"), doctor->module, *said != '\0' ? said : "C_GetInfo"),
		                    g_strdup (_ ("install Craton again")));
	else if (!g_str_has_prefix (PACKAGE_VERSION, said))
		craton_doctor_find (doctor, CRATON_DOCTOR_WRONG,
		                    g_strdup_printf (_ ("%s is of version %sx, this program %s"), doctor->module, said, PACKAGE_VERSION),
		                    g_strdup (_ ("remove what is left of another installation")));
	else
		craton_doctor_find (doctor, CRATON_DOCTOR_OK, g_strdup_printf (_ ("%s can be loaded"), doctor->module), NULL);
}

static char *
ask_backend (const char *path)
{
	const char *argv[] = { path, "--version", NULL };
	g_autoptr (GError) error = NULL;
	char *out = NULL;
	int status = 0;

	if (!g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, &out, NULL, &status, &error))
		return g_strdup (error->message);
	return g_strstrip (out);
}

void
craton_doctor_backend (CratonDoctor *doctor)
{
	const char *named = g_getenv ("CRATON_BACKEND");
	const char *path = named != NULL ? named : CRATON_BACKEND_PATH;
	g_autofree char *said = NULL;
	struct stat info;

	if (stat (path, &info) != 0 || !S_ISREG (info.st_mode) || access (path, X_OK) != 0) {
		craton_doctor_find (doctor, CRATON_DOCTOR_WRONG, g_strdup_printf (_ ("%s is not there, or cannot be executed"), path),
		                    named != NULL ? g_strdup (_ ("set CRATON_BACKEND to the program craton-backend, or unset it"))
		                                  : g_strdup (_ ("install Craton again")));
		return;
	}
	if ((info.st_mode & 022) != 0 || (info.st_uid != 0 && info.st_uid != geteuid ())) {
		craton_doctor_find (doctor, CRATON_DOCTOR_WRONG, g_strdup_printf (_ ("%s can be changed by other users"), path),
		                    g_strdup_printf ("chown root %s; chmod 755 %s", path, path));
		return;
	}
	said = ask_backend (path);
	if (g_strcmp0 (said, "craton-backend " PACKAGE_VERSION) != 0)
		craton_doctor_find (doctor, CRATON_DOCTOR_WRONG,
		                    g_strdup_printf (_ ("%s is not of this version, %s, but says: %s"), path, PACKAGE_VERSION, said),
		                    g_strdup (_ ("install Craton again, as a whole")));
	else
		craton_doctor_find (doctor, CRATON_DOCTOR_OK, g_strdup_printf (_ ("%s is of this version, %s"), path, PACKAGE_VERSION), NULL);
}
