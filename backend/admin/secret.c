/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * PINs and passphrases, see secret.h. Called by the subcommands that need one. What is read is wiped by the caller, and nowhere
 * else.
 */
#include "config.h"

#include "secret.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>
#include <openssl/crypto.h>

void
craton_secret_clear (CratonSecret *secret)
{
	OPENSSL_cleanse (secret, sizeof *secret);
}

/* One line, byte by byte: what follows belongs to whoever reads next. Returns: an errno, EMSGSIZE for a line that is too long. */
static int
read_line (int fd, CratonSecret *secret)
{
	secret->len = 0;
	for (;;) {
		char byte;
		gssize n = read (fd, &byte, 1);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno;
		if (n == 0 || byte == '\n')
			break;
		if (secret->len == CRATON_SECRET_LEN_MAX)
			return EMSGSIZE;
		secret->text[secret->len++] = byte;
	}
	if (secret->len > 0 && secret->text[secret->len - 1] == '\r')
		secret->len--;
	secret->text[secret->len] = '\0';
	return 0;
}

static gboolean
say (const char *prompt, const char *what)
{
	g_printerr ("%s: %s: %s\n", g_get_prgname (), prompt, what);
	return FALSE;
}

static gboolean
judge (int error, const CratonSecret *secret, const char *prompt)
{
	if (error == EMSGSIZE)
		return say (prompt, _ ("the line is too long"));
	if (error != 0)
		return say (prompt, g_strerror (error));
	return secret->len > 0 || say (prompt, _ ("nothing was given"));
}

static gboolean
write_text (int fd, const char *text)
{
	return write (fd, text, strlen (text)) == (gssize) strlen (text);
}

/* Signals that would end the process wait until the echo is on again. */
static int
ask (int tty, const char *prompt, CratonSecret *secret)
{
	struct termios before, quiet;
	sigset_t stop, old;
	int error;

	if (tcgetattr (tty, &before) != 0)
		return errno;
	sigemptyset (&stop);
	sigaddset (&stop, SIGINT);
	sigaddset (&stop, SIGTSTP);
	sigaddset (&stop, SIGTERM);
	sigaddset (&stop, SIGHUP);
	sigprocmask (SIG_BLOCK, &stop, &old);
	quiet = before;
	quiet.c_lflag &= ~(tcflag_t) (ECHO | ECHONL | ISIG);
	quiet.c_lflag |= ICANON;
	/* VINTR ends the line instead of the process: an empty line is refused. */
	error = tcsetattr (tty, TCSAFLUSH, &quiet) == 0 ? 0 : errno;
	if (error == 0) {
		(void) (write_text (tty, prompt) && write_text (tty, ": "));
		error = read_line (tty, secret);
		(void) write_text (tty, "\n");
		if (memchr (secret->text, before.c_cc[VINTR], secret->len) != NULL)
			error = ECANCELED;
	}
	(void) tcsetattr (tty, TCSAFLUSH, &before);
	sigprocmask (SIG_SETMASK, &old, NULL);
	return error;
}

static gboolean
ask_terminal (const char *prompt, gboolean twice, CratonSecret *ret_secret)
{
	g_auto (CratonSecret) again = { 0 };
	g_autofree char *repeat = g_strdup_printf (_ ("%s, again"), prompt);
	int tty = open ("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	gboolean good;

	if (tty < 0)
		return say (prompt, _ ("there is no terminal to ask on: name a file, see --help"));
	good = judge (ask (tty, prompt, ret_secret), ret_secret, prompt);
	if (good && twice) {
		good = judge (ask (tty, repeat, &again), &again, prompt);
		if (good && (again.len != ret_secret->len ||
		             CRYPTO_memcmp (again.text, ret_secret->text, again.len) != 0))
			good = say (prompt, _ ("the two are not the same"));
	}
	(void) close (tty);
	return good;
}

gboolean
craton_secret_get (const CratonSecretSource *source, const char *prompt, gboolean twice,
                   CratonSecret *ret_secret)
{
	gboolean good;
	int fd;

	if (source->file == NULL && source->fd < 0)
		return ask_terminal (prompt, twice, ret_secret);
	fd = source->file != NULL ? open (source->file, O_RDONLY | O_CLOEXEC) : source->fd;
	if (fd < 0)
		return say (source->file, g_strerror (errno));
	good = judge (read_line (fd, ret_secret), ret_secret, prompt);
	if (source->file != NULL)
		(void) close (fd);
	return good;
}
