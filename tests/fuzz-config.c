/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * craton.conf: any bytes as the file. What comes out keeps to its limits.
 */
#include "config.h"

#include "fuzz.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <glib.h>

#include "configuration.h"
#include "sizes.h"

static void
be_silent (const char *domain, GLogLevelFlags level, const char *message, gpointer data)
{
	(void) domain, (void) level, (void) data;
	fuzz_expect (*message != '\0');
}

static int
open_file (void)
{
	static char path[64];
	int fd = memfd_create ("craton.conf", MFD_CLOEXEC);

	fuzz_expect (fd >= 0);
	(void) snprintf (path, sizeof path, "/proc/%d/fd/%d", (int) getpid (), fd);
	fuzz_expect (setenv ("CRATON_CONFIG", path, 1) == 0);
	g_log_set_default_handler (be_silent, NULL);
	return fd;
}

int
LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t len)
{
	static int fd = -1;
	const char *const modules[] = { NULL, "one" };

	if (fd < 0)
		fd = open_file ();
	fuzz_expect (ftruncate (fd, 0) == 0 && pwrite (fd, bytes, len, 0) == (ssize_t) len);
	for (size_t i = 0; i < 2; i++) {
		g_autoptr (CratonConfig) config = craton_config_load ("/nonexistent", modules[i]);

		fuzz_expect (config != NULL && config->modules->len < CRATON_CHANNELS_MAX);
		fuzz_expect (config->token_rules->len == config->tokens->len);
		for (guint j = 0; j < config->tokens->len; j++) {
			const CratonTokenConfig *token =
				&g_array_index (config->tokens, CratonTokenConfig, j);

			fuzz_expect (token->name != NULL && g_path_is_absolute (token->store));
			fuzz_expect (token->pin_cost >= CRATON_PIN_COST_MIN &&
			             token->pin_cost <= CRATON_PIN_COST_MAX);
			fuzz_expect (token->call_timeout <= CRATON_CALL_TIMEOUT_MAX);
		}
		for (guint j = 0; j < config->modules->len; j++) {
			const CratonModuleConfig *module = config->modules->pdata[j];

			fuzz_expect (module->path != NULL && module->n_flat <= CRATON_FLAT_MAX);
		}
	}
	return 0;
}

static void
fuzz_seeds (void)
{
	static const char *const seeds[] = {
		"[craton]\nsandbox=required\n[token a b]\nstore=/tmp/x\nlock=exclusive\npin-cost=15\n",
		"[token one]\nlegacy=yes\nfips=no\ncall-timeout=7\naudit=all\naudit-sync=each\naudit-size=1\n",
		"[module one]\npath=opensc-pkcs11.so\nenvironment=A=b;C=d\ninit-reserved=x y\n"
		"flat-mechanisms=0x80000001;CKM_AES_CBC\n",
		"[module one]\npath=/x.so\nnetwork=local\nread-paths=~/a;/b\nwrite-paths=/c\nsandbox=off\n",
		"[token t]\nstore=~/x\nprograms=/usr/bin/a;/b\nusers=0;root\nfunctions=C_Sign;C_SignInit\n"
		"deny-functions=C_Login\nmechanisms=CKM_AES_CBC\ndeny-mechanisms=0x1\n"
		"objects=pkcs11:object=a;pkcs11:id=%01\nread-only=yes\nso-login=no\n",
		"# nothing\n\n[ token x ]\n;;\nkey\n[token\n=\n",
	};

	for (size_t i = 0; i < sizeof seeds / sizeof seeds[0]; i++)
		fuzz_seed (seeds[i], strlen (seeds[i]));
}
