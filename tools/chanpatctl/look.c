// SPDX-License-Identifier: GPL-2.0
/* A look inside: the module's files in debugfs, as tables. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "exits.h"
#include "look.h"
#include "table.h"

#define DEBUGFS "/sys/kernel/debug"
#define STAGE_INDENT "     "

/* Reading the files */

static void say_why(const char *path, int err)
{
	if (err == EACCES || err == EPERM)
		fprintf(stderr, "chanpatctl: only root may look inside\n"
				"  become root: sudo chanpatctl ...\n");
	else if (err != ENOENT)
		fprintf(stderr, "chanpatctl: %s: %s\n", path, strerror(err));
	else if (!access("/sys/module/chanpat", F_OK))
		fprintf(stderr, "chanpatctl: debugfs is not mounted\n"
				"  mount it: sudo mount -t debugfs none " DEBUGFS "\n");
	else
		fprintf(stderr, "chanpatctl: the module is not loaded\n"
				"  load it: sudo modprobe chanpat\n");
}

static char *read_all(FILE *file)
{
	char *text = NULL;
	size_t size = 0;

	errno = 0;
	if (getdelim(&text, &size, '\0', file) >= 0)
		return text;
	free(text);
	return errno ? NULL : calloc(1, 1);
}

/* All of a file as a string, or NULL after saying why not. */
static char *read_file(const char *name)
{
	char path[64], *text;
	FILE *file;

	snprintf(path, sizeof(path), DEBUGFS "/chanpat/%s", name);
	file = fopen(path, "re");
	text = file ? read_all(file) : NULL;
	if (!text)
		say_why(path, errno);
	if (file)
		fclose(file);
	return text;
}

/* Cuts the next line off; NULL after the last. */
static char *next_line(char **pos)
{
	char *line = strsep(pos, "\n");

	return line && (*line || *pos) ? line : NULL;
}

/* The words of a line */

/*
 * NAME=VALUE goes to the column of that name. Other words go to the columns of
 * these names, one after the other. Behind the word called @last, if any, the
 * line is text; it is returned.
 */
static char *set_words(struct table *table, char *line,
		       const char *const *names, const char *last)
{
	char *word, *value;
	int over = 0;

	while (!over && (word = strsep(&line, " "))) {
		value = strchr(word, '=');
		if (value) {
			*value++ = '\0';
			over = last && !strcmp(word, last);
			table_set(table, word, value);
		} else if (*word && *names) {
			table_set(table, *names++, word);
		}
	}
	return line;
}

/* A table of a file that has a line for each row. */
static int look_at(const char *file, const char *const *names,
		   const char *nothing)
{
	char *text = read_file(file), *pos = text, *line;
	struct table table = {};

	if (!text)
		return EXIT_NO_DEVICE;
	while ((line = next_line(&pos))) {
		table_add_row(&table);
		set_words(&table, line, names, NULL);
	}
	if (table.nr)
		table_print(&table);
	else
		puts(nothing);
	table_free(&table);
	free(text);
	return EXIT_OK;
}

int look_stats(void)
{
	static const char *const names[] = { "kind", "number", NULL };

	return look_at("stats", names, "no statistics");
}

int look_sessions(void)
{
	static const char *const names[] = { "session", "kind", NULL };

	return look_at("sessions", names, "no sessions");
}

/* What it does stands behind two blanks or more. */
int look_ops(void)
{
	char *text = read_file("ops"), *pos = text, *line, *help;
	struct table table = {};

	if (!text)
		return EXIT_NO_DEVICE;
	while ((line = next_line(&pos))) {
		table_add_row(&table);
		table_set(&table, "operation", line);
		help = strstr(line, "  ");
		if (help) {
			*help = '\0';
			table_set(&table, "gives", help + 1 + strspn(help + 1, " "));
		}
	}
	table_print(&table);
	table_free(&table);
	free(text);
	return EXIT_OK;
}

/* Jobs */

/**
 * struct job_list - jobs with their stages
 * @jobs: a row for each
 * @stages: a row for each stage of all of them
 * @first: of the jobs: the row of its first stage, and of one job behind
 */
struct job_list {
	struct table jobs;
	struct table stages;
	size_t *first;
};

/* The kernel escapes what would break the line; a backslash would not. */
static char *unescape_backslashes(char *text)
{
	char *from, *to;

	for (from = to = text; *from; to++) {
		if (!strncmp(from, "\\134", 4)) {
			*to = '\\';
			from += 4;
		} else {
			*to = *from++;
		}
	}
	*to = '\0';
	return text;
}

static void add_job(struct job_list *list, char *line)
{
	static const char *const names[] = { "job", "label", "status", NULL };
	size_t nr = list->jobs.nr;
	char *rest;

	table_add_row(&list->jobs);
	list->first = realloc(list->first, (nr + 2) * sizeof(*list->first));
	if (!list->first)
		abort();
	list->first[nr] = list->stages.nr;
	rest = set_words(&list->jobs, line, names, "age_ms");
	if (rest)
		table_set(&list->jobs, "line", unescape_backslashes(rest));
}

static void add_stage(struct job_list *list, char *line)
{
	static const char *const names[] = { "stage", "op", NULL };

	table_add_row(&list->stages);
	line += strspn(line, " ");
	strsep(&line, " ");
	if (line)
		set_words(&list->stages, line, names, NULL);
}

static void print_jobs(struct job_list *list)
{
	size_t i, j;

	list->first[list->jobs.nr] = list->stages.nr;
	for (i = 0; i < list->jobs.nr; i++) {
		if (!i)
			table_print_names(&list->jobs, "");
		table_print_row(&list->jobs, i, "");
		if (list->first[i] < list->first[i + 1])
			table_print_names(&list->stages, STAGE_INDENT);
		for (j = list->first[i]; j < list->first[i + 1]; j++)
			table_print_row(&list->stages, j, STAGE_INDENT);
	}
}

static void free_jobs(struct job_list *list)
{
	table_free(&list->jobs);
	table_free(&list->stages);
	free(list->first);
}

int look_jobs(void)
{
	char *text = read_file("jobs"), *pos = text, *line;
	struct job_list list = {};

	if (!text)
		return EXIT_NO_DEVICE;
	while ((line = next_line(&pos))) {
		if (*line == ' ')
			add_stage(&list, line);
		else
			add_job(&list, line);
	}
	if (list.jobs.nr)
		print_jobs(&list);
	else
		puts("no jobs");
	free_jobs(&list);
	free(text);
	return EXIT_OK;
}
