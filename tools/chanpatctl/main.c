// SPDX-License-Identifier: GPL-2.0
/* chanpatctl: jobs for /dev/chanpat, and a look at them. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include "exits.h"
#include "guess.h"
#include "look.h"
#include "run.h"

#define VERSION "0.1"

/**
 * struct command - what the first word can be
 * @name: the word
 * @look: for those without arguments
 */
struct command {
	const char *name;
	int (*look)(void);
};

static const struct command commands[] = {
	{ "run", NULL },
	{ "ops", look_ops },
	{ "jobs", look_jobs },
	{ "stats", look_stats },
	{ "sessions", look_sessions },
	{ },
};

static void show_usage(FILE *to)
{
	fputs("usage: chanpatctl run [-sv] 'JOB'\n"
	      "       chanpatctl ops | jobs | stats | sessions\n"
	      "\n"
	      "  run 'JOB'  run a job and print its items, one a line\n"
	      "    -s, --strict   errors of items count as a failure\n"
	      "    -v, --verbose  say how the job ended, also when all is well\n"
	      "  ops        what a job can be made of\n"
	      "  jobs       the jobs that there are, and their stages\n"
	      "  sessions   who has them\n"
	      "  stats      how many there are of all kinds of things\n"
	      "\n"
	      "  chanpatctl run 'gen 1 10 2'\n"
	      "  chanpatctl run 'lines fd=0 | grep error | count' </var/log/dpkg.log\n"
	      "\n"
	      "Exit status of run: 0 ok, 1 failed, 2 rejected, 3 no device,\n"
	      "124 timeout or idle, 130 cancelled.\n", to);
}

static int wrong(const char *what, const char *word)
{
	fprintf(stderr, "chanpatctl: %s%s\n", what, word);
	fprintf(stderr, "  chanpatctl --help says what there is\n");
	return EXIT_USAGE;
}

/* run */

static int check_line(char **args)
{
	if (!args[0])
		return wrong("which job? Such as: ",
			     "chanpatctl run 'gen 1 10 2'");
	if (args[1])
		return wrong("a job is one argument, put it in quotes: ",
			     "chanpatctl run 'gen 1 10 2'");
	if (strchr(args[0], '\n'))
		return wrong("a job is one line", "");
	return EXIT_OK;
}

static int run(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "strict", no_argument, NULL, 's' },
		{ "verbose", no_argument, NULL, 'v' },
		{ "help", no_argument, NULL, 'h' },
		{ },
	};
	struct run_options options = {};
	int option, err;

	while ((option = getopt_long(argc, argv, "+svh", longs, NULL)) != -1) {
		if (option == 'h') {
			show_usage(stdout);
			return EXIT_OK;
		}
		if (option == '?')
			return EXIT_USAGE;
		options.strict |= option == 's';
		options.verbose |= option == 'v';
	}
	err = check_line(argv + optind);
	return err ? err : run_job(argv[optind], &options);
}

/* Commands */

static const struct command *find_command(const char *name)
{
	const struct command *command = commands;

	while (command->name && strcmp(command->name, name))
		command++;
	return command->name ? command : NULL;
}

static const char *nearest_command(const char *word)
{
	unsigned int distance, least = 3, len = strlen(word);
	const struct command *command;
	const char *name = NULL;

	for (command = commands; command->name; command++) {
		distance = guess_distance(word, command->name);
		if (distance < least && distance <= len / 2) {
			least = distance;
			name = command->name;
		}
	}
	return name;
}

static int reject_command(const char *word)
{
	const char *name = nearest_command(word);

	fprintf(stderr, "chanpatctl: unknown %s \"%s\"",
		*word == '-' ? "option" : "command", word);
	if (name)
		fprintf(stderr, ", did you mean \"%s\"?\n", name);
	else
		fprintf(stderr, "\n  chanpatctl --help says what there is\n");
	return EXIT_USAGE;
}

static int dispatch(int argc, char **argv)
{
	const struct command *command = find_command(argv[1]);

	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h")) {
		show_usage(stdout);
		return EXIT_OK;
	}
	if (!strcmp(argv[1], "--version")) {
		puts("chanpatctl " VERSION);
		return EXIT_OK;
	}
	if (!command)
		return reject_command(argv[1]);
	if (!command->look)
		return run(argc - 1, argv + 1);
	if (argc > 2)
		return wrong("too many arguments: ", argv[2]);
	return command->look();
}

int main(int argc, char **argv)
{
	int status;

	if (argc < 2) {
		show_usage(stderr);
		return EXIT_USAGE;
	}
	status = dispatch(argc, argv);
	if (fflush(stdout) && errno != EPIPE) {
		fprintf(stderr, "chanpatctl: cannot write the output: %s\n",
			strerror(errno));
		return EXIT_FAILED;
	}
	return status;
}
