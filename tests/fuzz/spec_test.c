// SPDX-License-Identifier: GPL-2.0
/*
 * What the parser of the job language promises, line by line.
 *
 * Prints a line for each promise that is broken, and at the end how many were
 * kept and how many not. With -v, prints the kept ones too.
 */
#include <stdarg.h>
#include <stdlib.h>

#include "optab.h"

#define LIMIT_LINE	4096
#define DUMP_MAX	8192

static const struct chp_limits limits = {
	.line = LIMIT_LINE,
	.stages = 32,
	.workers = 1024,
	.buf = 65536,
};

static unsigned int passed, failed;
static bool verbose;

__printf(3, 4)
static void check(bool ok, const char *promise, const char *fmt, ...)
{
	va_list args;

	if (ok) {
		passed++;
		if (verbose)
			printf("ok: %s\n", promise);
		return;
	}
	failed++;
	printf("FAIL: %s: ", promise);
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	printf("\n");
}

/* A line in memory of its very size, so that a byte too far is noticed. */
static int parse_with(const char *line, size_t len,
		      const struct chp_limits *with, struct chp_spec **spec,
		      struct chp_reject *why)
{
	char *copy = malloc(len ? len : 1);
	int err;

	memcpy(copy, line, len);
	err = chp_spec_parse(copy, len, &optab_set, with, spec, why);
	memset(copy, '~', len);
	free(copy);
	return err;
}

static size_t length(const char *line, size_t len)
{
	return len ? len : strlen(line);
}

/* A text that shows all of a spec */

struct dump {
	char text[DUMP_MAX];
	size_t len;
};

__printf(2, 3)
static void put(struct dump *dump, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	dump->len += vsnprintf(dump->text + dump->len, DUMP_MAX - dump->len,
			       fmt, args);
	va_end(args);
	if (dump->len >= DUMP_MAX)
		dump->len = DUMP_MAX - 1;
}

static void put_bytes(struct dump *dump, const char *bytes, u32 len)
{
	u32 i;

	put(dump, " \"");
	for (i = 0; i < len; i++)
		if (bytes[i] >= ' ' && bytes[i] <= '~')
			put(dump, "%c", bytes[i]);
		else
			put(dump, "<%02x>", (unsigned char)bytes[i]);
	put(dump, "\"");
}

static void put_arg(struct dump *dump, const struct chp_arg *arg)
{
	if (!arg->given)
		put(dump, " -");
	else if (arg->inf)
		put(dump, " inf");
	else if (arg->is_bytes)
		put_bytes(dump, arg->bytes, arg->len);
	else
		put(dump, " %lld", arg->num);
}

static void put_args(struct dump *dump, const struct chp_stage_spec *stage)
{
	const struct chp_param *param = stage->op->params;
	u32 i, j;

	for (i = 0; param[i].kind != CHP_P_END; i++) {
		if (!param[i].many) {
			put_arg(dump, &stage->args[i]);
			continue;
		}
		put(dump, " [");
		for (j = 0; j < stage->nr_more; j++)
			put_arg(dump, &stage->more[j]);
		put(dump, " ]");
	}
}

static void put_stage(struct dump *dump, const struct chp_stage_spec *stage)
{
	put(dump, "%s", stage->op->name);
	put_args(dump, stage);
	if (stage->fan && stage->workers)
		put(dump, " fan=%u", stage->workers);
	else if (stage->fan)
		put(dump, " fan");
	else if (stage->workers != 1)
		put(dump, " workers=%u", stage->workers);
	if (stage->buf)
		put(dump, " buf=%u", stage->buf);
	if (stage->ordered)
		put(dump, " ordered");
	if (stage->sem)
		put(dump, " sem=%.*s", (int)stage->sem_len, stage->sem);
	if (stage->timeout_ns)
		put(dump, " timeout=%llu", stage->timeout_ns);
	if (stage->retry)
		put(dump, " retry=%u", stage->retry);
}

static void put_pipe(struct dump *dump, const struct chp_spec *spec, u32 i);

static void put_branches(struct dump *dump, const struct chp_spec *spec, u32 i)
{
	put(dump, " {");
	for (; i; i = spec->stages[i].sibling) {
		put(dump, " ");
		put_pipe(dump, spec, i);
		put(dump, spec->stages[i].sibling ? " ;" : " }");
	}
}

static void put_pipe(struct dump *dump, const struct chp_spec *spec, u32 i)
{
	do {
		put_stage(dump, &spec->stages[i]);
		if (spec->stages[i].branch)
			put_branches(dump, spec, spec->stages[i].branch);
		i = spec->stages[i].next;
		if (i)
			put(dump, " | ");
	} while (i);
}

static void put_job(struct dump *dump, const struct chp_spec *spec)
{
	static const char * const errors[] = { "", "stop", "skip" };

	if (*spec->label)
		put(dump, "%s: ", spec->label);
	if (spec->timeout_ns)
		put(dump, "timeout=%llu ", spec->timeout_ns);
	if (spec->idle_ns)
		put(dump, "idle=%llu ", spec->idle_ns);
	if (spec->limit)
		put(dump, "limit=%u ", spec->limit);
	if (spec->errors)
		put(dump, "errors=%s ", errors[spec->errors]);
	put_pipe(dump, spec, 0);
}

/* A control line with arguments. */
static void put_control(struct dump *dump, const struct chp_spec *spec)
{
	if (*spec->label)
		put(dump, "<%s> ", spec->label);
	put_stage(dump, &spec->stages[0]);
}

static void put_spec(struct dump *dump, const struct chp_spec *spec)
{
	dump->len = 0;
	dump->text[0] = '\0';
	if (spec->kind == CHP_LINE_JOB)
		put_job(dump, spec);
	else if (spec->kind == CHP_LINE_CANCEL)
		put(dump, "cancel <%s>", spec->label);
	else if (spec->kind == CHP_LINE_END)
		put(dump, "end <%s>", spec->label);
	else if (spec->kind == CHP_LINE_EMPTY)
		put(dump, "empty");
	else
		put_control(dump, spec);
}

/* Lines that are right */

static const struct good {
	const char *promise;
	const char *line;
	const char *says;
	size_t len;	/* of a line with NUL in it; 0 for others */
} goods[] = {
	{ "an empty line says nothing", "", "empty" },
	{ "blanks say nothing", " \t ", "empty" },
	{ "a comment says nothing", "# gen 1 3", "empty" },
	{ "a comment may follow blanks", " \t# \x01\xff\"", "empty" },
	{ "a carriage return at the end is ignored", "\r", "empty" },

	{ "a source alone is a job", "gen 1 3", "gen 1 3 -" },
	{ "merge has a job in its braces", "merge { gen 1 3 }",
	  "merge { gen 1 3 - }" },
	{ "merge has as many as there are, each with stages",
	  "merge{gen 1 3|double;gen 5 7;in|add 1|sum}|count",
	  "merge { gen 1 3 - | double ; gen 5 7 - ; in | add 1 | sum } | count" },
	{ "tee has branches without a source",
	  "gen 1 3 | tee { double ; count | add 1 } | sum",
	  "gen 1 3 - | tee { double ; count | add 1 } | sum" },
	{ "braces stand in braces",
	  "merge { merge { gen 1 3 ; gen 4 5 } | double ; "
	  "gen 6 7 | tee { sum ; tee { min ; max } } } | sum",
	  "merge { merge { gen 1 3 - ; gen 4 5 - } | double ; "
	  "gen 6 7 - | tee { sum ; tee { min ; max } } } | sum" },
	{ "a branch may hand nothing on", "gen 1 3 | tee { null ; sum } | max",
	  "gen 1 3 - | tee { null ; sum } | max" },
	{ "types of all branches together leave the braces",
	  "merge { values a ; gen 1 3 } | upper",
	  "merge { values [ \"a\" ] ; gen 1 3 - } | upper" },
	{ "a fan has no limit", "gen 1 3 | double fan | sum",
	  "gen 1 3 - | double fan | sum" },
	{ "a fan has a limit", "gen 1 3 | double ordered fan=4",
	  "gen 1 3 - | double fan=4 ordered" },
	{ "a stage has a semaphore, a time and attempts",
	  "gen 1 3 | double sem=disk.1 timeout=2s retry=3 workers=2",
	  "gen 1 3 - | double workers=2 sem=disk.1 timeout=2000000000 retry=3" },
	{ "a source has a semaphore", "gen 1 3 sem=a", "gen 1 3 - sem=a" },
	{ "a job has a limit and a way with errors",
	  "j: limit=4 errors=skip gen 1 3", "j: limit=4 errors=skip gen 1 3 -" },
	{ "errors may end the job", "errors=stop gen 1 3",
	  "errors=stop gen 1 3 -" },
	{ "errors are reported otherwise", "errors=report gen 1 3",
	  "gen 1 3 -" },
	{ "values are pushed to a job", "@j 1 b \"c d\"",
	  "<j> @JOB [ 1 \"b\" \"c d\" ]" },
	{ "values are pushed to a number", "@12 1", "<12> @JOB [ 1 ]" },
	{ "the input of a job ends", "end j", "end <j>" },
	{ "a semaphore is made", "sem disk 4", "sem \"disk\" 4" },
	{ "a semaphore is removed", "sem disk 0", "sem \"disk\" 0" },
	{ "a stage is resized", "workers j 2 16", "<j> workers JOB 2 16" },
	{ "control words in a job are text", "values end sem @a",
	  "values [ \"end\" \"sem\" \"@a\" ]" },
	{ "a carriage return is no part of the last word",
	  "gen 1 3\r", "gen 1 3 -" },
	{ "blanks separate words, as many as there are",
	  "\t gen\t1  3 \t", "gen 1 3 -" },
	{ "a comment ends the job", "gen 1 3 # | double", "gen 1 3 -" },
	{ "a comment needs no blank after a pipe's stage",
	  "gen 1 3|double #|", "gen 1 3 - | double" },
	{ "a hash inside a word is part of it",
	  "values a#b c#", "values [ \"a#b\" \"c#\" ]" },
	{ "a hash in quotes is text", "values \"#\"", "values [ \"#\" ]" },
	{ "a pipe needs no blanks around it",
	  "gen 1 3|double|sum", "gen 1 3 - | double | sum" },
	{ "a pipe in quotes is text", "values \"a|b\"", "values [ \"a|b\" ]" },
	{ "a pipe may follow a string at once",
	  "values \"a\"|len", "values [ \"a\" ] | len" },
	{ "other operators in quotes are text",
	  "values \"a;b\" \"{}\"", "values [ \"a;b\" \"{}\" ]" },

	{ "numbers have a sign or none",
	  "values 5 -5 +5 0 -0", "values [ 5 -5 5 0 0 ]" },
	{ "the largest and the smallest number are numbers",
	  "values 9223372036854775807 -9223372036854775808",
	  "values [ 9223372036854775807 -9223372036854775808 ]" },
	{ "hexadecimal numbers have a sign or none",
	  "values 0x1F -0xff +0X10", "values [ 31 -255 16 ]" },
	{ "all hexadecimal digits count, large and small",
	  "values 0xabcdef 0XABCDEF 0x1234567890",
	  "values [ 11259375 11259375 78187493520 ]" },
	{ "hexadecimal numbers reach as far as decimal ones",
	  "values 0x7fffffffffffffff -0x8000000000000000",
	  "values [ 9223372036854775807 -9223372036854775808 ]" },
	{ "a number with leading zeros is decimal",
	  "values 010 000000000000000000000000007",
	  "values [ 10 7 ]" },
	{ "what is no number is a string", "values 5a 1.5 1e3 2s 4k",
	  "values [ \"5a\" \"1.5\" \"1e3\" \"2s\" \"4k\" ]" },
	{ "a sign or a prefix alone is a string", "values - + 0x 0xg -x --5",
	  "values [ \"-\" \"+\" \"0x\" \"0xg\" \"-x\" \"--5\" ]" },
	{ "a number in quotes is a string",
	  "values \"5\" 5", "values [ \"5\" 5 ]" },
	{ "an empty string is a value", "values \"\"", "values [ \"\" ]" },
	{ "bytes over 0x7f are part of words",
	  "values \xc3\xa4 \xff", "values [ \"<c3><a4>\" \"<ff>\" ]" },
	{ "a backslash in a word is a backslash",
	  "values a\\nb", "values [ \"a\\nb\" ]" },
	{ "an apostrophe is not a quote",
	  "values it's", "values [ \"it's\" ]" },

	{ "all escapes of C work",
	  "values \"\\n\\t\\r\\a\\b\\f\\v\\e\\\\\\\"\\'\"",
	  "values [ \"<0a><09><0d><07><08><0c><0b><1b>\\\"'\" ]" },
	{ "an octal escape has up to three digits",
	  "values \"\\0\\7\\12\\377\\0011\\08\"",
	  "values [ \"<00><07><0a><ff><01>1<00>8\" ]" },
	{ "a hexadecimal escape has one or two digits",
	  "values \"\\x0\\xA\\xfF\\x414\\x1g\"",
	  "values [ \"<00><0a><ff>A4<01>g\" ]" },
	{ "an escape takes all hexadecimal digits",
	  "values \"\\xab\\xCD\\xef\\x90\\xAa\"",
	  "values [ \"<ab><cd><ef><90><aa>\" ]" },
	{ "any byte may stand in quotes", "values \"\0\t\r\x7f\xff\"",
	  "values [ \"<00><09><0d><7f><ff>\" ]", 14 },

	{ "gen takes a step", "gen 1 10 2", "gen 1 10 2" },
	{ "gen may have no end", "gen 1 inf -3", "gen 1 inf -3" },
	{ "a keyword may be left out", "rand 5 100", "rand 5 100 -" },
	{ "a keyword is given by its name",
	  "rand 5 100 seed=-7", "rand 5 100 -7" },
	{ "the smallest sensible number is accepted",
	  "rand 0 1", "rand 0 1 -" },
	{ "the short units of time work",
	  "gen 1 1|sleep 1ns|sleep 2us|sleep 3ms",
	  "gen 1 1 - | sleep 1 | sleep 2000 | sleep 3000000" },
	{ "the long units of time work", "gen 1 1|sleep 4s|sleep 5m|sleep 6h",
	  "gen 1 1 - | sleep 4000000000 | sleep 300000000000 | sleep 21600000000000" },
	{ "a duration of an operation may be 0", "tick 0ms 3", "tick 0 3" },
	{ "the longest duration is the largest number of nanoseconds",
	  "tick 9223372036854775807ns 1",
	  "tick 9223372036854775807 1" },
	{ "a descriptor is a number from 0", "lines fd=0", "lines 0" },
	{ "a descriptor reaches to the largest int",
	  "lines fd=2147483647", "lines 2147483647" },
	{ "text may look like a number",
	  "lines fd=3 | grep 5", "lines 3 | grep [ \"5\" ] -" },
	{ "text may be a string",
	  "lines fd=3 | grep \"a b\"", "lines 3 | grep [ \"a b\" ] -" },
	{ "an attribute's name in quotes is text",
	  "lines fd=3 | grep \"ordered\" ordered",
	  "lines 3 | grep [ \"ordered\" ] - ordered" },
	{ "NAME=VALUE in quotes is text",
	  "values \"a=b\" \"buf=3\"", "values [ \"a=b\" \"buf=3\" ]" },
	{ "what is no name before an equals sign is text",
	  "values =a 5=6 a-b=c http://x?y=z",
	  "values [ \"=a\" \"5=6\" \"a-b=c\" \"http://x?y=z\" ]" },
	{ "the bare name of an attribute with a value is text where text is due",
	  "lines fd=3 | grep workers", "lines 3 | grep [ \"workers\" ] -" },
	{ "an error is given by its name",
	  "gen 1 3 | fail every=2 errno=ENOSPC",
	  "gen 1 3 - | fail 2 28" },
	{ "keywords come in any order", "gen 1 3 | fail errno=EPERM every=1",
	  "gen 1 3 - | fail 1 1" },

	{ "an operation may take several texts",
	  "lines fd=3 | grep a \"b c\" 5",
	  "lines 3 | grep [ \"a\" \"b c\" \"5\" ] -" },
	{ "a flag of an operation is no text of it",
	  "lines fd=3 | grep a b icase workers=2",
	  "lines 3 | grep [ \"a\" \"b\" ] 0 workers=2" },
	{ "a flag may stand among the attributes",
	  "lines fd=3 | grep a ordered icase buf=3",
	  "lines 3 | grep [ \"a\" ] 0 buf=3 ordered" },
	{ "a flag in quotes is text", "lines fd=3 | grep \"icase\" icase",
	  "lines 3 | grep [ \"icase\" ] 0" },
	{ "a flag is one of its own operation alone",
	  "lines fd=3 | grep raw", "lines 3 | grep [ \"raw\" ] -" },
	{ "a flag may stand before a keyword", "gen 1 3 | out raw fd=2",
	  "gen 1 3 - | out 2 0" },
	{ "a flag may be left out", "gen 1 3 | out fd=2", "gen 1 3 - | out 2 -" },
	{ "an optional text may be left out", "gen 1 3 | join",
	  "gen 1 3 - | join -" },
	{ "an optional text may be empty", "gen 1 3 | join \"\"",
	  "gen 1 3 - | join \"\"" },
	{ "a size is a number of bytes", "chunks fd=3 size=512",
	  "chunks 3 512" },
	{ "a size takes k", "chunks size=4k fd=3", "chunks 3 4096" },
	{ "a size takes M and hexadecimal",
	  "chunks size=0x10 fd=3 | join M", "chunks 3 16 | join \"M\"" },

	{ "attributes come in any order and among keywords",
	  "gen 1 3 | fail buf=7 every=2 ordered errno=EIO workers=3",
	  "gen 1 3 - | fail 2 5 workers=3 buf=7 ordered" },
	{ "attributes follow the arguments",
	  "gen 1 3 | add -1 workers=1024 buf=65536",
	  "gen 1 3 - | add -1 workers=1024 buf=65536" },
	{ "a count takes k and M",
	  "gen 1 3 | add 1 workers=1k buf=64k|add 2 buf=0M|add 3 buf=0x10",
	  "gen 1 3 - | add 1 workers=1024 buf=65536 | add 2 | add 3 buf=16" },
	{ "ordered with one worker is allowed",
	  "gen 1 3 | double ordered workers=1",
	  "gen 1 3 - | double ordered" },
	{ "an operation with state may have one worker",
	  "gen 1 3 | sum workers=1", "gen 1 3 - | sum" },
	{ "each stage has attributes of its own",
	  "gen 1 3|double workers=2 ordered|odd|even buf=1",
	  "gen 1 3 - | double workers=2 ordered | odd | even buf=1" },

	{ "options stand before the source", "timeout=2s idle=500ms gen 1 3",
	  "timeout=2000000000 idle=500000000 gen 1 3 -" },
	{ "options come in any order", "idle=1h timeout=1ns gen 1 3",
	  "timeout=1 idle=3600000000000 gen 1 3 -" },
	{ "a label stands before options",
	  "a: timeout=1s gen 1 3", "a: timeout=1000000000 gen 1 3 -" },
	{ "a label has letters, digits and three signs",
	  "_Ab.c-9_: gen 1 3", "_Ab.c-9_: gen 1 3 -" },
	{ "all letters may stand in a label", "AZaz_09: gen 1 3",
	  "AZaz_09: gen 1 3 -" },
	{ "a label has up to 31 bytes",
	  "abcdefghijklmnopqrstuvwxyz12345: gen 1 3",
	  "abcdefghijklmnopqrstuvwxyz12345: gen 1 3 -" },
	{ "a label may be the name of an operation",
	  "gen: gen 1 3", "gen: gen 1 3 -" },
	{ "a label may be cancel", "cancel: gen 1 3", "cancel: gen 1 3 -" },
	{ "only \"all\" itself is no label",
	  "all_: gen 1 3", "all_: gen 1 3 -" },

	{ "cancel takes a label", "cancel my.job # now", "cancel <my.job>" },
	{ "cancel takes a number", " cancel 17\r", "cancel <17>" },
	{ "cancel takes the plain form of a number",
	  "cancel 0012", "cancel <12>" },
	{ "cancel takes all", "cancel all", "cancel <all>" },

	{ "strings may go where strings are taken",
	  "values a | upper | sha256 | grep x | len | double",
	  "values [ \"a\" ] | upper | sha256 | grep [ \"x\" ] - | len | double" },
	{ "mixed values may go where one of their types is taken",
	  "values a 1 | double", "values [ \"a\" 1 ] | double" },
	{ "mixed values may go to the other type too",
	  "values a 1 | take 2 | upper",
	  "values [ \"a\" 1 ] | take 2 | upper" },
	{ "numbers and strings can be counted", "values a 1 | count | double",
	  "values [ \"a\" 1 ] | count | double" },
	{ "a sink may be last", "gen 1 3 | null", "gen 1 3 - | null" },
};

static void check_good(const struct good *good)
{
	static struct dump dump;
	struct chp_reject why;
	struct chp_spec *spec;

	if (parse_with(good->line, length(good->line, good->len), &limits,
		       &spec, &why)) {
		check(false, good->promise, "rejected at %u: %s", why.col,
		      why.reason);
		return;
	}
	put_spec(&dump, spec);
	check(!strcmp(dump.text, good->says), good->promise,
	      "\n  says   %s\n  wanted %s", dump.text, good->says);
	chp_spec_free(spec);
}

/* Lines that are wrong */

static const struct bad {
	const char *promise;
	const char *line;
	int err;
	u32 col;
	const char *reason;
	size_t len;	/* of a line with NUL in it; 0 for others */
} bads[] = {
	{ "a control character in a word is refused", "gen 1\x01 3", -EINVAL, 6,
	  "control characters can only stand in quotes" },
	{ "a control character as a word is refused", "gen \x7f", -EINVAL, 5,
	  "control characters can only stand in quotes" },
	{ "a control character as the first word is refused", "\x01", -EINVAL, 1,
	  "control characters can only stand in quotes" },
	{ "a control character after a label is refused", "a: \x01", -EINVAL, 4,
	  "control characters can only stand in quotes" },
	{ "a NUL is refused", "gen 1 3 \0", -EINVAL, 9,
	  "control characters can only stand in quotes", 9 },
	{ "a newline is refused", "gen 1 3\n", -EINVAL, 8,
	  "control characters can only stand in quotes" },
	{ "only the last carriage return is ignored", "gen 1 3\r\r", -EINVAL, 8,
	  "control characters can only stand in quotes" },
	{ "a string needs its closing quote",
	  "values \"abc", -EINVAL, 8, "the string has no closing quote" },
	{ "a backslash does not end a line",
	  "values \"abc\\", -EINVAL, 8, "the string has no closing quote" },
	{ "an escaped quote does not end a string",
	  "values \"abc\\\"", -EINVAL, 8,
	  "the string has no closing quote" },
	{ "a line may end in an octal escape",
	  "values \"\\1", -EINVAL, 8, "the string has no closing quote" },
	{ "a line may end in a hexadecimal escape",
	  "values \"\\x1", -EINVAL, 8, "the string has no closing quote" },
	{ "a line does not end in half an escape", "values \"\\x", -EINVAL, 9,
	  "\\x needs one or two hexadecimal digits" },
	{ "an unknown escape is refused", "values \"ab\\q\"", -EINVAL, 11,
	  "unknown escape, use \\\\ for a backslash" },
	{ "a NUL is no escape", "values \"\\\0\"", -EINVAL, 9,
	  "unknown escape, use \\\\ for a backslash", 11 },
	{ "\\8 is no escape", "values \"\\8\"", -EINVAL, 9,
	  "unknown escape, use \\\\ for a backslash" },
	{ "an escape has at least one hexadecimal digit",
	  "values \"\\xg\"", -EINVAL, 9,
	  "\\x needs one or two hexadecimal digits" },
	{ "an octal escape is a byte", "values \"\\400\"", -EINVAL, 9,
	  "octal escape is larger than \\377" },
	{ "nothing is glued to a string", "values \"a\"b", -EINVAL, 11,
	  "a blank must follow the closing quote" },
	{ "a string is not glued to a word", "values a\"b\"", -EINVAL, 9,
	  "a quote cannot stand inside a word, put all of it in quotes" },
	{ "a semicolon stands only in braces", "gen 1 3;gen 1 3", -EINVAL, 8,
	  "\";\" has no meaning here, put it in quotes if it is text" },
	{ "braces stand only after merge and tee", "values {a}", -EINVAL, 8,
	  "\"{\" has no meaning here, put it in quotes if it is text" },
	{ "a brace is no source", "{ gen 1 3 }", -EINVAL, 1,
	  "\"{\" has no meaning here, put it in quotes if it is text" },

	{ "a number must be one", "gen one 3", -EINVAL, 5,
	  "\"gen\" needs a number for FIRST, not \"one\"" },
	{ "a number is not in quotes", "gen \"1\" 3", -EINVAL, 5,
	  "\"gen\" needs a number for FIRST, not a string" },
	{ "a sign is no number", "gen - 3", -EINVAL, 5,
	  "\"gen\" needs a number for FIRST, not \"-\"" },
	{ "the end of gen is a number or inf", "gen 1 Inf", -EINVAL, 7,
	  "\"gen\" needs a number or inf for LAST, not \"Inf\"" },
	{ "inf is not in quotes", "gen 1 \"inf\"", -EINVAL, 7,
	  "\"gen\" needs a number or inf for LAST, not a string" },
	{ "a number too large is refused",
	  "gen 1 9223372036854775808", -ERANGE, 7,
	  "number is out of range, it must fit in 64 bits with its sign" },
	{ "a number too small is refused",
	  "gen -9223372036854775809 1", -ERANGE, 5,
	  "number is out of range, it must fit in 64 bits with its sign" },
	{ "a number of many digits is refused",
	  "gen 18446744073709551617000000000000000000000 1", -ERANGE, 5,
	  "number is out of range, it must fit in 64 bits with its sign" },
	{ "a hexadecimal number too large is refused",
	  "gen 0x8000000000000000 1", -ERANGE, 5,
	  "number is out of range, it must fit in 64 bits with its sign" },
	{ "a long word that is no number is not called too large",
	  "gen 99999999999999999999x 1", -EINVAL, 5,
	  "\"gen\" needs a number for FIRST, not \"99999999999999999999x\"" },
	{ "a value too large is no string by accident",
	  "values 1 99999999999999999999", -ERANGE, 10,
	  "number is out of range, put it in quotes to make it a string" },
	{ "a number below what makes sense is refused", "rand -1 5", -ERANGE, 6,
	  "COUNT of \"rand\" must be at least 0" },
	{ "a keyword's number has its smallest too",
	  "gen 1 3 | fail every=0", -ERANGE, 22,
	  "every of \"fail\" must be at least 1" },
	{ "a duration needs a unit", "gen 1 3 | sleep 500", -EINVAL, 17,
	  "\"sleep\" needs a duration such as 500ms for DUR, not \"500\"" },
	{ "a duration needs a number", "gen 1 3 | sleep ms", -EINVAL, 17,
	  "\"sleep\" needs a duration such as 500ms for DUR, not \"ms\"" },
	{ "a duration is whole", "gen 1 3 | sleep 1.5s", -EINVAL, 17,
	  "\"sleep\" needs a duration such as 500ms for DUR, not \"1.5s\"" },
	{ "a duration is not negative", "gen 1 3 | sleep -1s", -EINVAL, 17,
	  "\"sleep\" needs a duration such as 500ms for DUR, not \"-1s\"" },
	{ "a duration has one unit", "gen 1 3 | sleep 1sm", -EINVAL, 17,
	  "\"sleep\" needs a duration such as 500ms for DUR, not \"1sm\"" },
	{ "a duration that is too long is refused",
	  "gen 1 3 | sleep 2562048h", -ERANGE, 17,
	  "duration is out of range, the longest is 292 years" },
	{ "a duration of many digits is refused",
	  "gen 1 3 | sleep 99999999999999999999ns", -ERANGE, 17,
	  "duration is out of range, the longest is 292 years" },
	{ "a descriptor is a number", "lines fd=in", -EINVAL, 10,
	  "\"lines\" needs the number of a file descriptor for fd, not \"in\"" },
	{ "a descriptor is not negative", "lines fd=-1", -ERANGE, 10,
	  "number is out of range for a file descriptor" },
	{ "a descriptor is an int", "lines fd=2147483648", -ERANGE, 10,
	  "number is out of range for a file descriptor" },
	{ "a size is at least 1", "chunks fd=3 size=0", -ERANGE, 18,
	  "size of \"chunks\" must be at least 1" },
	{ "a size is not negative", "chunks fd=3 size=-4", -ERANGE, 18,
	  "size of \"chunks\" must be at least 1" },
	{ "a size is a number", "chunks fd=3 size=big", -EINVAL, 18,
	  "\"chunks\" needs a size such as 4k for size, not \"big\"" },
	{ "a size is not in quotes", "chunks fd=3 size=\"4k\"", -EINVAL, 18,
	  "\"chunks\" needs a size such as 4k for size, not a string" },
	{ "a size can be too large", "chunks fd=3 size=99999999999999999M",
	  -ERANGE, 18,
	  "size is out of range, it must fit in 64 bits with its sign" },
	{ "a size must be given", "chunks fd=3", -EINVAL, 12,
	  "\"chunks\" needs size=SIZE: chunks fd=N size=SIZE" },
	{ "a flag takes no value", "gen 1 3 | out fd=1 raw=1", -EINVAL, 20,
	  "\"raw\" takes no value" },
	{ "a flag takes no empty value", "gen 1 3 | out fd=1 raw=", -EINVAL, 20,
	  "\"raw\" takes no value" },
	{ "a flag twice is refused", "gen 1 3 | out fd=1 raw raw", -EINVAL, 24,
	  "\"raw\" is given twice" },
	{ "a flag alone is not enough", "lines fd=3 | grep icase", -EINVAL, 19,
	  "\"grep\" needs TEXT: grep TEXT... [icase]" },
	{ "texts stand before a flag", "lines fd=3 | grep a icase b",
	  -EINVAL, 27,
	  "\"grep\" has its arguments before its attributes: grep TEXT... [icase]" },
	{ "a nearby flag is suggested where it has a value",
	  "gen 1 3 | out fd=1 rew=1", -EINVAL, 20,
	  "unknown attribute \"rew\", did you mean \"raw\"?" },
	{ "a separator must be given", "values a | split", -EINVAL, 17,
	  "\"split\" needs SEP: split SEP" },
	{ "there is one separator", "values a | split a b", -EINVAL, 20,
	  "\"split\" has too many arguments: split SEP" },
	{ "nothing stands after a file", "gen 1 3 | out fd=1 | count",
	  -EINVAL, 22,
	  "\"out\" hands nothing on, so nothing can stand after it" },
	{ "an error has a known name",
	  "gen 1 3 | fail every=1 errno=EFOO", -EINVAL, 30,
	  "\"fail\" needs the name of an error such as EIO for errno, not \"EFOO\"" },
	{ "an error's name has capital letters",
	  "gen 1 3 | fail every=1 errno=eio", -EINVAL, 30,
	  "\"fail\" needs the name of an error such as EIO for errno, not \"eio\"" },
	{ "an error's name is not in quotes",
	  "gen 1 3 | fail every=1 errno=\"EIO\"", -EINVAL, 30,
	  "\"fail\" needs the name of an error such as EIO for errno, not a string" },

	{ "an unknown operation is refused", "frobnicate", -EINVAL, 1,
	  "unknown operation \"frobnicate\"" },
	{ "a nearby operation is suggested", "gen 1 10 | duble", -EINVAL, 12,
	  "unknown operation \"duble\", did you mean \"double\"?" },
	{ "swapped letters are one slip", "gne 1 10", -EINVAL, 1,
	  "unknown operation \"gne\", did you mean \"gen\"?" },
	{ "two slips are understood", "gen 1 10 | dble", -EINVAL, 12,
	  "unknown operation \"dble\", did you mean \"double\"?" },
	{ "a letter too many is understood", "valuess 1", -EINVAL, 1,
	  "unknown operation \"valuess\", did you mean \"values\"?" },
	{ "three slips are not", "gen 1 10 | dbl", -EINVAL, 12,
	  "unknown operation \"dbl\"" },
	{ "the nearer of two operations is suggested",
	  "gen 1 3 | maxx", -EINVAL, 11,
	  "unknown operation \"maxx\", did you mean \"max\"?" },
	{ "one letter suggests nothing", "gen 1 3 | g", -EINVAL, 11,
	  "unknown operation \"g\"" },
	{ "a word of 25 letters is too long to be a slip",
	  "abcdefghijklmnopqrstuvwxy", -EINVAL, 1,
	  "unknown operation \"abcdefghijklmnopqrstuvwxy\"" },
	{ "operations have small letters", "GEN 1 3", -EINVAL, 1,
	  "unknown operation \"GEN\"" },
	{ "merge needs braces", "merge gen 1 3", -EINVAL, 7,
	  "\"merge\" needs braces: merge { ... ; ... }" },
	{ "tee needs braces", "gen 1 3 | tee", -EINVAL, 14,
	  "\"tee\" needs braces: tee { ... ; ... }" },
	{ "braces are closed", "merge { gen 1 3", -EINVAL, 16,
	  "a \"}\" is missing" },
	{ "braces are opened first", "gen 1 3 }", -EINVAL, 9,
	  "\"}\" has no meaning here, put it in quotes if it is text" },
	{ "braces are not empty", "merge { }", -EINVAL, 9,
	  "an operation is missing in the braces" },
	{ "no branch is empty", "merge { gen 1 3 ; }", -EINVAL, 19,
	  "an operation is missing in the braces" },
	{ "no branch is missing at the end", "merge {", -EINVAL, 8,
	  "an operation is missing in the braces" },
	{ "after a pipe in braces comes an operation", "merge { gen 1 3 | }",
	  -EINVAL, 19, "an operation is missing in the braces" },
	{ "a branch of merge begins with a source", "merge { double }",
	  -EINVAL, 9,
	  "\"double\" is not a source, a job begins with one such as gen 1 10" },
	{ "a branch of tee begins with no source", "gen 1 3 | tee { gen 1 3 }",
	  -EINVAL, 17, "\"gen\" is a source and can only begin a job" },
	{ "tee is no source", "tee { double }", -EINVAL, 1,
	  "\"tee\" is not a source, a job begins with one such as gen 1 10" },
	{ "merge is a source", "gen 1 3 | merge { gen 1 3 }", -EINVAL, 11,
	  "\"merge\" is a source and can only begin a job" },
	{ "only a pipe follows braces", "merge { gen 1 3 } double", -EINVAL, 19,
	  "only \"|\" can follow the braces" },
	{ "braces follow no braces", "merge { gen 1 3 } { gen 1 3 }", -EINVAL,
	  19, "\"{\" has no meaning here, put it in quotes if it is text" },
	{ "braces are nested four deep at most",
	  "merge { merge { merge { merge { merge { gen 1 3 } } } } }", -E2BIG,
	  39, "braces can be nested 4 deep" },
	{ "a branch of tee takes what arrives", "gen 1 3 | tee { upper }",
	  -EINVAL, 17, "\"upper\" takes byte strings, but \"tee\" hands on numbers" },
	{ "what leaves the branches must be taken",
	  "merge { gen 1 3 ; gen 1 3 | double } | upper", -EINVAL, 40,
	  "\"upper\" takes byte strings, but \"merge\" makes numbers" },
	{ "nothing follows branches that hand nothing on",
	  "gen 1 3 | tee { null ; null } | count", -EINVAL, 33,
	  "\"tee\" hands nothing on, so nothing can stand after it" },
	{ "a label does not stand in braces", "merge { a: gen 1 3 }", -EINVAL,
	  9, "unknown operation \"a:\"" },
	{ "a job has one input", "merge { in ; gen 1 3 ; in }", -EINVAL, 24,
	  "a job has only one \"in\"" },
	{ "an option does not stand in braces", "merge { idle=1s gen 1 3 }",
	  -EINVAL, 9, "unknown operation \"idle=1s\"" },
	{ "an operation is not in quotes", "\"gen\" 1 3", -EINVAL, 1,
	  "the name of an operation cannot stand in quotes" },
	{ "an attribute is no operation", "gen 1 3 | buf=3", -EINVAL, 11,
	  "unknown operation \"buf=3\"" },
	{ "a job begins with a source", "double", -EINVAL, 1,
	  "\"double\" is not a source, a job begins with one such as gen 1 10" },
	{ "a source stands only first", "gen 1 3 | gen 1 3", -EINVAL, 11,
	  "\"gen\" is a source and can only begin a job" },
	{ "a job needs a source", "a: # later", -EINVAL, 4,
	  "a source is missing, such as gen 1 10" },
	{ "options need a source", "timeout=1s", -EINVAL, 11,
	  "a source is missing, such as gen 1 10" },
	{ "a pipe needs a source", " | double", -EINVAL, 2,
	  "a source is missing, such as gen 1 10" },
	{ "an operation follows a pipe", "gen 1 3 |", -EINVAL, 10,
	  "an operation must follow \"|\"" },
	{ "a comment is no operation", "gen 1 3 | # double", -EINVAL, 11,
	  "an operation must follow \"|\"" },
	{ "two pipes have an operation between them",
	  "gen 1 3 || double", -EINVAL, 10,
	  "an operation must follow \"|\"" },

	{ "a missing argument is named", "gen 1 3 | gt", -EINVAL, 13,
	  "\"gt\" needs N: gt N" },
	{ "a missing argument belongs before the pipe",
	  "gen 1 | gt 5", -EINVAL, 7,
	  "\"gen\" needs LAST|inf: gen FIRST LAST|inf [STEP]" },
	{ "a missing argument belongs before the attributes",
	  "gen 1 3 | gt workers=3 buf=1", -EINVAL, 14,
	  "\"gt\" needs N: gt N" },
	{ "an attribute is no text", "lines fd=3 | grep ordered",
	  -EINVAL, 19, "\"grep\" needs TEXT: grep TEXT... [icase]" },
	{ "a missing keyword is named", "lines ", -EINVAL, 7,
	  "\"lines\" needs fd=N: lines fd=N" },
	{ "a keyword that may not be missing is named",
	  "gen 1 3 | fail errno=EIO | null", -EINVAL, 26,
	  "\"fail\" needs every=N: fail every=N [errno=NAME]" },
	{ "one value at least is needed", "values", -EINVAL, 7,
	  "\"values\" needs V: values V..." },
	{ "too many arguments are refused", "gen 1 3 | gt 5 6", -EINVAL, 16,
	  "\"gt\" has too many arguments: gt N" },
	{ "optional arguments have an end", "gen 1 3 1 1", -EINVAL, 11,
	  "\"gen\" has too many arguments: gen FIRST LAST|inf [STEP]" },
	{ "an operation without arguments takes none",
	  "gen 1 3 | double 5", -EINVAL, 18,
	  "\"double\" takes no arguments" },
	{ "arguments stand before attributes",
	  "gen 1 3 | gt workers=2 5", -EINVAL, 24,
	  "\"gt\" has its arguments before its attributes: gt N" },
	{ "arguments stand before keywords", "rand 5 seed=2 5", -EINVAL, 15,
	  "\"rand\" has its arguments before its attributes: rand COUNT MAX [seed=N]" },

	{ "an unknown attribute is refused",
	  "gen 1 3 | gt 5 colour=3", -EINVAL, 16,
	  "unknown attribute \"colour\"" },
	{ "a nearby attribute is suggested",
	  "gen 1 3 | gt 5 wrokers=3", -EINVAL, 16,
	  "unknown attribute \"wrokers\", did you mean \"workers\"?" },
	{ "a nearby keyword is suggested", "gen 1 3 | fail evry=3", -EINVAL, 16,
	  "unknown attribute \"evry\", did you mean \"every\"?" },
	{ "text with an equals sign is told to go into quotes",
	  "lines fd=3 | grep key=value", -EINVAL, 19,
	  "unknown attribute \"key\", put the word in quotes if it is text" },
	{ "an operation has only its own keywords",
	  "gen 1 3 | double every=3", -EINVAL, 18,
	  "unknown attribute \"every\"" },
	{ "an option is no attribute",
	  "gen 1 3 | double idle=3s", -EINVAL, 18,
	  "\"idle\" is an option of the job and stands before its source" },
	{ "a source has no time limit for an item", "gen 1 3 timeout=3s",
	  -EINVAL, 9,
	  "\"timeout\" cannot stand here, a source has \"idle\", before it, for that" },
	{ "a source does not try again", "gen 1 3 retry=3", -EINVAL, 9,
	  "\"retry\" cannot stand here, a source makes each item once" },
	{ "a source is no fan", "gen 1 3 fan", -EINVAL, 9,
	  "\"fan\" cannot stand here, a source has one worker" },
	{ "a fan has no workers", "gen 1 3 | double fan workers=3", -EINVAL, 22,
	  "a stage has workers or is a fan, not both" },
	{ "workers are no fan", "gen 1 3 | double workers=3 fan=2", -EINVAL,
	  28, "a stage has workers or is a fan, not both" },
	{ "the limit of a fan is more than 0", "gen 1 3 | double fan=0",
	  -ERANGE, 22, "\"fan\" must be from 1 to 1024" },
	{ "a fan keeps no state", "gen 1 3 | count fan", -EINVAL, 17,
	  "\"count\" keeps state from item to item and cannot have workers" },
	{ "a semaphore has a name", "gen 1 3 | double sem=3", -EINVAL, 22,
	  "a name begins with a letter or \"_\"" },
	{ "a semaphore needs its name", "gen 1 3 | double sem=", -EINVAL, 22,
	  "\"sem\" needs a value: sem=NAME" },
	{ "retry is a number", "gen 1 3 | double retry=often", -EINVAL, 24,
	  "\"retry\" needs a number, not \"often\"" },
	{ "errors have three ways", "errors=ignore gen 1 3", -EINVAL, 8,
	  "\"errors\" is report, stop or skip, not \"ignore\"" },
	{ "a limit is more than 0", "limit=0 gen 1 3", -ERANGE, 7,
	  "\"limit\" must be from 1 to 65536" },
	{ "an attribute is no option", "workers=3 gen 1 3", -EINVAL, 1,
	  "\"workers\" is an attribute of a stage and stands after its operation" },
	{ "an unknown option is refused", "colour=3 gen 1 3", -EINVAL, 1,
	  "unknown option \"colour\"" },
	{ "what is pushed needs a job", "@ 1 2", -EINVAL, 2,
	  "the label or the number of a job must follow \"@\"" },
	{ "something is pushed", "@a", -EINVAL, 3,
	  "\"@JOB\" needs VALUE: @JOB VALUE..." },
	{ "nothing is pushed to all", "@all 1", -EINVAL, 2,
	  "\"all\" is no single job" },
	{ "what is pushed stands alone", "@a 1 | double", -EINVAL, 6,
	  "\"|\" has no meaning here, put it in quotes if it is text" },
	{ "a push has no label", "a: @b 1", -EINVAL, 4,
	  "\"@\" cannot have a label" },
	{ "end needs a job", "end", -EINVAL, 4,
	  "\"end\" needs the label or the number of a job" },
	{ "end takes one job", "end a b", -EINVAL, 7,
	  "\"end\" takes one job: end JOB" },
	{ "a semaphore needs units", "sem disk", -EINVAL, 9,
	  "\"sem\" needs UNITS: sem NAME UNITS" },
	{ "a semaphore has no less than no units", "sem disk -1", -ERANGE, 10,
	  "UNITS of \"sem\" must be at least 0" },
	{ "a semaphore's name is one", "sem 3 4", -EINVAL, 5,
	  "a name begins with a letter or \"_\"" },
	{ "workers need a job", "workers", -EINVAL, 8,
	  "\"workers\" needs a job, by its label or number: workers JOB STAGE N" },
	{ "workers need a stage and a number", "workers a 1", -EINVAL, 12,
	  "\"workers JOB\" needs N: workers JOB STAGE N" },
	{ "a stage has a worker at least", "workers a 1 0", -ERANGE, 13,
	  "N of \"workers JOB\" must be at least 1" },
	{ "a nearby option is suggested", "a: tmeout=3s gen 1 3", -EINVAL,
	  4, "unknown option \"tmeout\", did you mean \"timeout\"?" },
	{ "the same attribute twice is refused",
	  "gen 1 3 | double buf=1 buf=1", -EINVAL, 24,
	  "\"buf\" is given twice" },
	{ "ordered twice is refused",
	  "gen 1 3 | double ordered ordered", -EINVAL, 26,
	  "\"ordered\" is given twice" },
	{ "the same keyword twice is refused",
	  "rand 1 2 seed=1 seed=1", -EINVAL, 17, "\"seed\" is given twice" },
	{ "the same option twice is refused",
	  "idle=1s idle=1s gen 1 3", -EINVAL, 9,
	  "\"idle\" is given twice" },
	{ "an attribute needs its value",
	  "gen 1 3 | double workers= buf=1", -EINVAL, 26,
	  "\"workers\" needs a value: workers=N" },
	{ "an attribute needs its equals sign",
	  "gen 1 3 | double workers 3", -EINVAL, 18,
	  "\"workers\" needs a value: workers=N" },
	{ "a keyword needs its value", "lines fd=", -EINVAL, 10,
	  "\"fd\" needs a value: fd=N" },
	{ "an option needs its value", "timeout= gen 1 3", -EINVAL, 9,
	  "\"timeout\" needs a value: timeout=DUR" },
	{ "an option needs its equals sign", "timeout 2s gen 1 3", -EINVAL,
	  1, "\"timeout\" needs a value: timeout=DUR" },
	{ "ordered takes no value", "gen 1 3 | double ordered=1", -EINVAL,
	  18, "\"ordered\" takes no value" },
	{ "an attribute in quotes is an argument",
	  "gen 1 3 | double \"ordered\"", -EINVAL, 18,
	  "\"double\" takes no arguments" },
	{ "the name of an attribute in quotes is an argument",
	  "gen 1 3 | double \"workers\"", -EINVAL, 18,
	  "\"double\" takes no arguments" },
	{ "a value in quotes is no number",
	  "gen 1 3 | double workers=\"3\"", -EINVAL, 26,
	  "\"workers\" needs a number, not \"3\"" },
	{ "a count must be a number", "gen 1 3 | double buf=4K", -EINVAL, 22,
	  "\"buf\" needs a number, not \"4K\"" },
	{ "there is at least one worker",
	  "gen 1 3 | double workers=0", -ERANGE, 26,
	  "\"workers\" must be from 1 to 1024" },
	{ "workers have a limit", "gen 1 3 | double workers=1025", -ERANGE, 26,
	  "\"workers\" must be from 1 to 1024" },
	{ "workers do not wrap around",
	  "gen 1 3 | double workers=4294967297", -ERANGE, 26,
	  "\"workers\" must be from 1 to 1024" },
	{ "workers cannot be too many for a number",
	  "gen 1 3 | double workers=99999999999999999999", -ERANGE, 26,
	  "\"workers\" must be from 1 to 1024" },
	{ "a buffer has no negative size",
	  "gen 1 3 | double buf=-1", -ERANGE, 22,
	  "\"buf\" must be from 0 to 65536" },
	{ "a buffer has a limit", "gen 1 3 | double buf=1M", -ERANGE, 22,
	  "\"buf\" must be from 0 to 65536" },
	{ "a unit does not overflow",
	  "gen 1 3 | double buf=18446744073709551615k", -ERANGE, 22,
	  "\"buf\" must be from 0 to 65536" },
	{ "a timeout is longer than 0", "timeout=0s gen 1 3", -EINVAL, 9,
	  "\"timeout\" must be longer than 0" },
	{ "an idle time is longer than 0", "idle=0ns gen 1 3", -EINVAL, 6,
	  "\"idle\" must be longer than 0" },
	{ "a timeout is a duration", "timeout=2 gen 1 3", -EINVAL, 9,
	  "\"timeout\" needs a duration such as 500ms, not \"2\"" },
	{ "a timeout can be too long", "timeout=9999999h gen 1 3",
	  -ERANGE, 9, "duration is out of range, the longest is 292 years" },
	{ "a source has no workers", "gen 1 3 workers=2", -EINVAL, 9,
	  "\"workers\" cannot stand here, a source has one worker" },
	{ "a source is not ordered", "gen 1 3 ordered", -EINVAL, 9,
	  "\"ordered\" cannot stand here, the items of a source are always in order" },
	{ "a source has no buffer", "values 1 buf=2", -EINVAL, 10,
	  "\"buf\" cannot stand here, a source has no buffer before it" },
	{ "an operation with state has no workers",
	  "gen 1 3 | sum buf=3 workers=2", -EINVAL, 21,
	  "\"sum\" keeps state from item to item and cannot have workers" },

	{ "numbers do not go where strings are taken",
	  "gen 1 3 | double | upper", -EINVAL, 20,
	  "\"upper\" takes byte strings, but \"double\" makes numbers" },
	{ "strings do not go where numbers are taken",
	  "lines fd=3 | sum", -EINVAL, 14,
	  "\"sum\" takes numbers, but \"lines\" makes byte strings" },
	{ "a filter hands on the type that came",
	  "gen 1 3 | take 3 | even | sleep 1s | len", -EINVAL, 38,
	  "\"len\" takes byte strings, but \"sleep\" hands on numbers" },
	{ "a filter hands on only the type that it takes",
	  "values a 1 | gt 5 | upper", -EINVAL, 21,
	  "\"upper\" takes byte strings, but \"gt\" hands on numbers" },
	{ "values are of the types of the words",
	  "values 1 2 | upper", -EINVAL, 14,
	  "\"upper\" takes byte strings, but \"values\" makes numbers" },
	{ "values in quotes are strings", "values \"1\" | double", -EINVAL, 14,
	  "\"double\" takes numbers, but \"values\" makes byte strings" },
	{ "nothing stands after a sink", "gen 1 3 | null | count", -EINVAL, 18,
	  "\"null\" hands nothing on, so nothing can stand after it" },
	{ "the first mistake of a line is reported",
	  "gen 1 3 | upper | gt x", -EINVAL, 11,
	  "\"upper\" takes byte strings, but \"gen\" makes numbers" },

	{ "all is no label", "all: gen 1 3", -EINVAL, 1,
	  "\"all\" means all jobs and cannot be a label" },
	{ "a number is no label", "12: gen 1 3", -EINVAL, 1,
	  "a label begins with a letter or \"_\"" },
	{ "a label is not empty", ": gen 1 3", -EINVAL, 1,
	  "a label begins with a letter or \"_\"" },
	{ "a label has no other signs", "a/b: gen 1 3", -EINVAL, 2,
	  "a label has only letters, digits, \"_\", \".\" and \"-\"" },
	{ "a label has fewer than 32 bytes",
	  "abcdefghijklmnopqrstuvwxyz123456: gen 1 3", -EINVAL, 1,
	  "a label has at most 31 bytes" },
	{ "a job has one label", "a: b: gen 1 3", -EINVAL, 4,
	  "a job has only one label" },
	{ "a label needs a blank after it", "a:gen 1 3", -EINVAL, 3,
	  "a blank must follow the \":\" of a label" },
	{ "a label has no blank before its colon", "a : gen 1 3", -EINVAL,
	  3, "no blank may stand before the \":\" of a label" },
	{ "only a job has a label, not a stage", "gen 1 3 | a:b", -EINVAL, 11,
	  "unknown operation \"a:b\"" },
	{ "an option does not stand before a label",
	  "idle=1s a: gen 1 3", -EINVAL, 11,
	  "a blank must follow the \":\" of a label" },

	{ "cancel needs a job", "cancel", -EINVAL, 7,
	  "\"cancel\" needs the label or the number of a job, or all" },
	{ "cancel does not take a string", "cancel \"a\"", -EINVAL, 8,
	  "\"cancel\" needs the label or the number of a job, or all" },
	{ "cancel does not take a pipe", "cancel | null", -EINVAL, 8,
	  "\"cancel\" needs the label or the number of a job, or all" },
	{ "cancel takes one job", "cancel a b", -EINVAL, 10,
	  "\"cancel\" takes one job: cancel JOB|all" },
	{ "cancel has no stages", "cancel a|null", -EINVAL, 9,
	  "\"cancel\" takes one job: cancel JOB|all" },
	{ "cancel has no label", "a: cancel b", -EINVAL, 4,
	  "\"cancel\" cannot have a label" },
	{ "a job has no number 0", "cancel 0", -ERANGE, 8,
	  "no job can have this number" },
	{ "a job's number has a limit",
	  "cancel 9223372036854775808", -ERANGE, 8,
	  "no job can have this number" },
	{ "a job's number is decimal", "cancel 0x10", -EINVAL, 9,
	  "the number of a job has only digits" },
	{ "cancel checks the label", "cancel a:", -EINVAL, 9,
	  "a label has only letters, digits, \"_\", \".\" and \"-\"" },
	{ "cancel checks the label's length",
	  "cancel abcdefghijklmnopqrstuvwxyz123456", -EINVAL, 8,
	  "a label has at most 31 bytes" },

	{ "visible characters are shown as they are",
	  "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", -EINVAL, 1,
	  "unknown operation \"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\"" },
	{ "bytes that are no characters are shown as numbers",
	  "\xff\xc3\xc0\x80\xed\xa0\x80\xf4\x90\x80\x80", -EINVAL, 1,
	  "unknown operation \"\\xff\\xc3\\xc0\\x80\\xed\\xa0\\x80\\xf4\\x90\\x80\\x80\"" },
	{ "characters that fool a terminal are shown as numbers",
	  "\xc2\x9b\xe2\x80\xae\xef\xbb\xbfg", -EINVAL, 1,
	  "unknown operation \"\\xc2\\x9b\\xe2\\x80\\xae\\xef\\xbb\\xbfg\"" },
	{ "the first and the last characters are shown as they are",
	  "\xc2\xa0\xe0\xa0\x80\xf0\x90\x80\x80\xf4\x8f\xbf\xbf", -EINVAL, 1,
	  "unknown operation \"\xc2\xa0\xe0\xa0\x80\xf0\x90\x80\x80\xf4\x8f\xbf\xbf\"" },
	{ "half a character is shown as numbers", "abc\xe2\x82", -EINVAL, 1,
	  "unknown operation \"abc\\xe2\\x82\"" },
	{ "characters in more bytes than needed are shown as numbers",
	  "\xe0\x9f\xbf\xf0\x8f\xbf\xbf", -EINVAL, 1,
	  "unknown operation \"\\xe0\\x9f\\xbf\\xf0\\x8f\\xbf\\xbf\"" },
	{ "strings are shown without what cannot be seen",
	  "gen 1 3 | odd buf=\"~ \t\x7f\\\"\"", -EINVAL, 19,
	  "\"buf\" needs a number, not \"~ \\x09\\x7f\\\\\\\"\"" },
	{ "backslashes are shown as such", "a\\b", -EINVAL, 1,
	  "unknown operation \"a\\\\b\"" },
	{ "a long word is cut",
	  "gen 1 3 | gt 12345678901234567890123456789012345678901234567890",
	  -ERANGE, 14,
	  "number is out of range, it must fit in 64 bits with its sign" },
	{ "a long word is shown in part",
	  "x12345678901234567890123456789012345678901234567890", -EINVAL,
	  1,
	  "unknown operation \"x1234567890123456789012345678901234567890123...\"" },
};

static void check_bad(const struct bad *bad)
{
	struct chp_spec *spec = (void *)1;
	struct chp_reject why;
	int err;

	err = parse_with(bad->line, length(bad->line, bad->len), &limits,
			 &spec, &why);
	check(err == bad->err && why.err == err && why.col == bad->col &&
	      !strcmp(why.reason, bad->reason) && !spec, bad->promise,
	      "\n  says   %d col=%u %s\n  wanted %d col=%u %s", err, why.col,
	      why.reason, bad->err, bad->col, bad->reason);
	if (!err)
		chp_spec_free(spec);
}

/* Limits */

static void check_limit(const char *promise, const char *line,
			const struct chp_limits *with, int err, u32 col,
			const char *reason)
{
	struct chp_reject why;
	struct chp_spec *spec;
	int got = parse_with(line, strlen(line), with, &spec, &why);

	check(got == err && (!err || (why.col == col &&
				      !strcmp(why.reason, reason))),
	      promise, "%d col=%u %s", got, why.col, why.reason);
	chp_spec_free(spec);
}

static void check_limits(void)
{
	struct chp_limits few = {
		.line = 30, .stages = 3, .workers = 2, .buf = 1,
	};

	check_limit("a line of the longest length is accepted",
		    "gen 1 3                      #", &few, 0, 0, "");
	check_limit("a line is not longer than the limit",
		    "gen 1 3                       #", &few, -EMSGSIZE, 31,
		    "a line has at most 30 bytes");
	check_limit("a carriage return does not count",
		    "gen 1 3                      #\r", &few, 0, 0, "");
	check_limit("as many stages as the limit are accepted",
		    "gen 1 3|odd|odd", &few, 0, 0, "");
	check_limit("the source counts as a stage",
		    "gen 1 3|odd|odd | odd", &few, -E2BIG, 19,
		    "a job has at most 3 stages, its source included");
	check_limit("workers up to the limit are accepted",
		    "gen 1 3|odd workers=2", &few, 0, 0, "");
	check_limit("the limit of workers is told",
		    "gen 1 3|odd workers=3", &few, -ERANGE, 21,
		    "\"workers\" must be from 1 to 2");
	check_limit("a buffer up to the limit is accepted",
		    "gen 1 3|odd buf=1", &few, 0, 0, "");
	check_limit("the limit of buffers is told",
		    "gen 1 3|odd buf=2", &few, -ERANGE, 17,
		    "\"buf\" must be from 0 to 1");
}

/* Memory */

static void check_out_of_memory(void)
{
	const char *line = "a: values x y | grep \"z\" workers=3";
	struct chp_reject why;
	struct chp_spec *spec;
	long n;
	int err;

	for (n = 0; n < 10; n++) {
		chp_fail_alloc = n;
		err = parse_with(line, strlen(line), &limits, &spec, &why);
		chp_fail_alloc = -1;
		if (!err)
			break;
		check(err == -ENOMEM && why.err == err && !spec && why.col &&
		      !strcmp(why.reason, "out of memory") && !chp_live_allocs,
		      "no memory is a reject, and nothing is left behind",
		      "allocation %ld: %d %s", n, err, why.reason);
	}
	check(n == 1 && !err, "a line takes one allocation", "%ld", n);
	chp_spec_free(spec);
	check(!chp_live_allocs, "a freed line leaves nothing behind", "%ld",
	      chp_live_allocs);
}

static void check_no_alloc(void)
{
	const char *line = "values x | grep \"z\" workers=0";
	struct chp_reject why;
	struct chp_spec *spec;
	int err;

	chp_fail_alloc = 0;
	err = parse_with(line, strlen(line), &limits, &spec, &why);
	chp_fail_alloc = -1;
	check(err == -ERANGE, "a bad line allocates nothing", "%d", err);
}

static void check_size(const char *promise, const char *line, size_t size)
{
	struct chp_reject why;
	struct chp_spec *spec;

	if (parse_with(line, strlen(line), &limits, &spec, &why))
		check(false, promise, "%s", why.reason);
	else
		check(chp_last_alloc == size, promise, "%zu, not %zu",
		      chp_last_alloc, size);
	chp_spec_free(spec);
}

static void check_sizes(void)
{
	size_t one = sizeof(struct chp_spec) + sizeof(struct chp_stage_spec);

	check_size("a short job takes the memory of its stages", "gen 1 2", one);
	check_size("a job takes no memory for its comment",
		   "gen 1 2 # and this is what it is good for", one);
	check_size("a job takes memory for its values and their bytes",
		   "values a 5 \"\\x62\\x63\"",
		   one + 3 * sizeof(struct chp_arg) + 3);
	check_size("a control line takes no memory for stages", "cancel all",
		   sizeof(struct chp_spec));
}

static void check_long_line(void)
{
	const struct chp_limits large = {
		.line = 1 << 24, .stages = 1 << 20, .workers = 1, .buf = 0,
	};
	u32 nr = 1 << 18, i;
	char *line = malloc(16 + nr * 8);
	size_t len = sprintf(line, "values");
	struct chp_reject why;
	struct chp_spec *spec;
	int err;

	for (i = 0; i < nr; i++)
		len += sprintf(line + len, " a%u", i % 1000);
	err = parse_with(line, len, &large, &spec, &why);
	check(!err && spec->stages[0].nr_more == nr,
	      "a line of megabytes is parsed where the limits allow it",
	      "%d %s", err, why.reason);
	chp_spec_free(spec);
	free(line);
}

/* Where things stand */

static void check_columns(void)
{
	const char *line = "a: gen 1 3 |double| \todd";
	struct chp_reject why;
	struct chp_spec *spec;

	if (parse_with(line, strlen(line), &limits, &spec, &why)) {
		check(false, "a stage knows its column", "%s", why.reason);
		return;
	}
	check(spec->stages[0].col == 4 && spec->stages[1].col == 13 &&
	      spec->stages[2].col == 22, "a stage knows its column",
	      "%u %u %u", spec->stages[0].col, spec->stages[1].col,
	      spec->stages[2].col);
	chp_spec_free(spec);
}

/* Operations of other modules may have any name */

#define LONG_NAME	"abcdefghijklmnopqrstuvwxyz-abcdefghijklmnopqrstuvwxyz-" \
			"abcdefghijklmnopqrstuvwxyz-abcdefghijklmnopqrstuvwxyz"

static const struct chp_op_desc long_op = {
	LONG_NAME, "", CHP_OP_SOURCE, 0, CHP_T_NUM, { OPTAB_NUM("N") }
};

static const struct chp_op_desc *long_next(const struct chp_op_set *set,
					   const struct chp_op_desc *prev)
{
	return prev ? NULL : &long_op;
}

static void check_long_reason(const char *promise, const char *arg,
			      const char *end)
{
	const struct chp_op_set set = { .next = long_next };
	struct chp_reject why;
	struct chp_spec *spec;
	char line[160];
	size_t len;

	len = snprintf(line, sizeof(line), "%s %s", LONG_NAME, arg);
	chp_spec_parse(line, len, &set, &limits, &spec, &why);
	len = strlen(why.reason);
	check(len >= strlen(end) && !strcmp(why.reason + len - strlen(end), end),
	      promise, "%s", why.reason);
}

static void check_long_reasons(void)
{
	check_long_reason("a reason that fits is whole",
			  "abcdefghijklmnopqrstu",
			  "not \"abcdefghijklmnopqrstu\"");
	check_long_reason("a reason that does not fit is cut",
			  "abcdefghijklmnopqrstuv",
			  "not \"abcdefghijklmnopqrs...");
	check_long_reason("a reason is not cut inside a character",
			  "abcdefghijklmnopqr\xe2\x82\xacxyzxyz",
			  "not \"abcdefghijklmnopqr...");
}

/* Help texts and the names of errors */

static void check_usage(const char *name, const char *wanted)
{
	const struct chp_op_desc *op = NULL;
	char usage[64] = "", cut[8];
	int len = 0, cut_len = 0, dry = 0;

	while ((op = optab_next(&optab_set, op)))
		if (!strcmp(op->name, name))
			break;
	if (op) {
		len = chp_op_usage(op, usage, sizeof(usage));
		cut_len = chp_op_usage(op, cut, sizeof(cut));
		dry = chp_op_usage(op, NULL, 0);
	}
	check(!strcmp(usage, wanted), "a usage line shows what is taken",
	      "%s, not %s", usage, wanted);
	check(len == (int)strlen(wanted) && cut_len == len && dry == len,
	      "the length of a usage line is that of the whole", "%d %d %d",
	      len, cut_len, dry);
	check(op && !strncmp(cut, wanted, 7) && strlen(cut) <= 7,
	      "a usage line is cut to its room", "%s", wanted);
}

static void check_usages(void)
{
	check_usage("gen", "gen FIRST LAST|inf [STEP]");
	check_usage("rand", "rand COUNT MAX [seed=N]");
	check_usage("values", "values V...");
	check_usage("lines", "lines fd=N");
	check_usage("double", "double");
	check_usage("sleep", "sleep DUR");
	check_usage("grep", "grep TEXT... [icase]");
	check_usage("join", "join [SEP]");
	check_usage("chunks", "chunks fd=N size=SIZE");
	check_usage("out", "out fd=N [raw]");
	check_usage("fail", "fail every=N [errno=NAME]");
}

static void check_errnames(void)
{
	const char *name = chp_errno_name(EIO);
	int err, nr = 0, wrong = 0;

	check(name && !strcmp(name, "EIO"), "an error has its name", "%s", name);
	for (err = -10; err < 5000; err++) {
		name = chp_errno_name(err);
		if (!name)
			continue;
		nr++;
		if (chp_errno_number(name, strlen(name)) != err)
			wrong = err;
	}
	check(!wrong, "a name leads back to its error", "%d", wrong);
	check(nr == 131, "all errors of user space have names", "%d", nr);
	check(!chp_errno_name(0) && !chp_errno_name(-EIO) &&
	      !chp_errno_name(INT_MAX) && !chp_errno_name(INT_MIN),
	      "what is no error has no name", "%s", "");
	check(!chp_errno_number("", 0) && !chp_errno_number("EI", 2) &&
	      !chp_errno_number("EIOX", 4) && !chp_errno_number("IO", 2),
	      "part of a name is no name", "%s", "");
	check(chp_errno_number("EIOX", 3) == EIO, "a name ends at its length",
	      "%d", chp_errno_number("EIOX", 3));
	check(chp_errno_number("EWOULDBLOCK", 11) == EAGAIN &&
	      chp_errno_number("EDEADLOCK", 9) == EDEADLOCK &&
	      chp_errno_number("ENOTSUP", 7) == EOPNOTSUPP,
	      "second names are understood", "%s", "");
}

int main(int argc, char **argv)
{
	size_t i;

	verbose = argc > 1 && !strcmp(argv[1], "-v");
	for (i = 0; i < ARRAY_SIZE(goods); i++)
		check_good(&goods[i]);
	for (i = 0; i < ARRAY_SIZE(bads); i++)
		check_bad(&bads[i]);
	check_limits();
	check_out_of_memory();
	check_no_alloc();
	check_sizes();
	check_long_line();
	check_columns();
	check_long_reasons();
	check_usages();
	check_errnames();
	check(!chp_live_allocs, "no test leaves memory behind", "%ld",
	      chp_live_allocs);
	printf("%u passed, %u failed\n", passed, failed);
	return failed != 0;
}
