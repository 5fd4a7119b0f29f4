/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A program that knows nothing of tokens and forks: both sides roll dice (dice.c), and roll
 * different ones. Prints one line for each side.
 */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "dice.h"

#define N_ROLLS 40

/* One write: the two sides share the output. */
static int
roll (const char *who)
{
	char line[16 + N_ROLLS + 2];
	int len = snprintf (line, sizeof (line), "%-7s", who);

	for (int i = 0; i < N_ROLLS; i++) {
		int number = dice_roll ();

		if (number == 0)
			return 1;
		line[len++] = (char) ('0' + number);
	}
	line[len++] = '\n';
	return write (STDOUT_FILENO, line, (size_t) len) == len ? 0 : 1;
}

int
main (void)
{
	int status = 1;
	pid_t pid;

	/* The library keeps some numbers now, of which the child has a copy. */
	if (dice_roll () == 0) {
		fputs ("no dice: is there a token?\n", stderr);
		return 1;
	}
	pid = fork ();
	if (pid == 0) {
		status = roll ("child");
		dice_put_away ();
		return status;
	}
	if (pid < 0 || roll ("parent") != 0 || waitpid (pid, &status, 0) != pid)
		return 1;
	dice_put_away ();
	return status == 0 ? 0 : 1;
}
