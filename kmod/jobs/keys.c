// SPDX-License-Identifier: GPL-2.0
/*
 * Options of a job and attributes of a stage: all that is said in the same way
 * whatever the operation is. A new one is a function and a line in a table.
 */
#include "parser.h"

/**
 * struct keyword - an option or an attribute
 * @name: the word
 * @value: what its value is called; NULL: it has none
 * @not_source: why a source cannot have it; NULL: it can
 * @take: reads the value
 * @optional: it may stand without its value
 */
struct keyword {
	const char *name;
	const char *value;
	const char *not_source;
	int (*take)(struct chp_parser *p, const struct keyword *key);
	bool optional;
};

/* A duration that somebody waits for. */
static int read_wait(struct chp_parser *p, const struct keyword *key, u64 *ns)
{
	const struct chp_text *value = &p->word.value;
	struct chp_quote quote;
	s64 time;
	int err;

	err = chp_text_duration(value, &time);
	if (err == -EINVAL)
		return chp_reject(p->why, err, value->col,
				  "\"%s\" needs a duration such as 500ms, not \"%s\"",
				  key->name,
				  chp_quote(&quote, value->at, value->len));
	if (err)
		return chp_reject(p->why, err, value->col,
				  "duration is out of range, the longest is 292 years");
	if (!time)
		return chp_reject(p->why, -EINVAL, value->col,
				  "\"%s\" must be longer than 0", key->name);
	*ns = time;
	return 0;
}

static int read_count(struct chp_parser *p, const struct keyword *key,
		      u32 smallest, u32 largest, u32 *count)
{
	const struct chp_text *value = &p->word.value;
	struct chp_quote quote;
	s64 num;
	int err;

	err = chp_text_count(value, &num);
	if (err == -EINVAL)
		return chp_reject(p->why, err, value->col,
				  "\"%s\" needs a number, not \"%s\"", key->name,
				  chp_quote(&quote, value->at, value->len));
	if (err || num < smallest || num > largest)
		return chp_reject(p->why, -ERANGE, value->col,
				  "\"%s\" must be from %u to %u", key->name,
				  smallest, largest);
	*count = num;
	return 0;
}

static int take_timeout(struct chp_parser *p, const struct keyword *key)
{
	return read_wait(p, key, &p->spec->timeout_ns);
}

static int take_idle(struct chp_parser *p, const struct keyword *key)
{
	return read_wait(p, key, &p->spec->idle_ns);
}

static int reject_fan_and_workers(struct chp_parser *p)
{
	return chp_reject(p->why, -EINVAL, p->word.col,
			  "a stage has workers or is a fan, not both");
}

static int take_workers(struct chp_parser *p, const struct keyword *key)
{
	if (p->workers_col)
		return reject_fan_and_workers(p);
	p->workers_col = p->word.col;
	p->stage.pool = true;
	return read_count(p, key, 1, p->limits->workers, &p->stage.workers);
}

static int take_ordered(struct chp_parser *p, const struct keyword *key)
{
	p->stage.ordered = true;
	return 0;
}

static int take_buf(struct chp_parser *p, const struct keyword *key)
{
	return read_count(p, key, 0, p->limits->buf, &p->stage.buf);
}

static int take_limit(struct chp_parser *p, const struct keyword *key)
{
	return read_count(p, key, 1, p->limits->buf, &p->spec->limit);
}

static int take_errors(struct chp_parser *p, const struct keyword *key)
{
	const struct chp_text *value = &p->word.value;
	static const char * const words[] = {
		[CHP_ERRORS_REPORT] = "report",
		[CHP_ERRORS_STOP] = "stop",
		[CHP_ERRORS_SKIP] = "skip",
	};
	struct chp_quote quote;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(words); i++) {
		if (!chp_text_is(value, words[i]))
			continue;
		p->spec->errors = i;
		return 0;
	}
	return chp_reject(p->why, -EINVAL, value->col,
			  "\"errors\" is report, stop or skip, not \"%s\"",
			  chp_quote(&quote, value->at, value->len));
}

/* With a limit, or without one. */
static int take_fan(struct chp_parser *p, const struct keyword *key)
{
	if (p->workers_col)
		return reject_fan_and_workers(p);
	p->workers_col = p->word.col;
	p->stage.fan = true;
	p->stage.workers = 0;
	if (!p->word.name.len)
		return 0;
	return read_count(p, key, 1, p->limits->workers, &p->stage.workers);
}

static int take_sem(struct chp_parser *p, const struct keyword *key)
{
	const struct chp_text *value = &p->word.value;
	int err = chp_check_name(p, value, value->len, "a name");

	if (err)
		return err;
	p->stage.sem = value->at;
	p->stage.sem_len = value->len;
	p->stage.sem_col = value->col;
	if (p->room.bytes) {
		chp_text_copy(value, p->room.bytes + p->room.nr_bytes);
		p->stage.sem = p->room.bytes + p->room.nr_bytes;
	}
	p->room.nr_bytes += value->size;
	return 0;
}

static int take_item_timeout(struct chp_parser *p, const struct keyword *key)
{
	return read_wait(p, key, &p->stage.timeout_ns);
}

static int take_retry(struct chp_parser *p, const struct keyword *key)
{
	return read_count(p, key, 0, INT_MAX, &p->stage.retry);
}

static const struct keyword options[] = {
	{ "timeout", "DUR", NULL, take_timeout },
	{ "idle", "DUR", NULL, take_idle },
	{ "errors", "report|stop|skip", NULL, take_errors },
	{ "limit", "N", NULL, take_limit },
	{ }
};

static const struct keyword attributes[] = {
	{ "workers", "N", "a source has one worker", take_workers },
	{ "ordered", NULL, "the items of a source are always in order",
	  take_ordered },
	{ "buf", "N", "a source has no buffer before it", take_buf },
	{ "fan", "LIMIT", "a source has one worker", take_fan, true },
	{ "sem", "NAME", NULL, take_sem },
	{ "timeout", "DUR", "a source has \"idle\", before it, for that",
	  take_item_timeout },
	{ "retry", "N", "a source makes each item once", take_retry },
	{ }
};

static const struct keyword *find(const struct keyword *table,
				  const struct chp_text *name)
{
	const struct keyword *key;

	for (key = table; key->name; key++)
		if (chp_text_is(name, key->name))
			return key;
	return NULL;
}

static void guess_keys(const struct keyword *table, struct chp_guess *guess)
{
	for (; table->name; table++)
		chp_guess_try(guess, table->name);
}

/*
 * The word is the name of an option or an attribute that has a value, but the
 * "=" is missing. Returns 0 where it is no such name.
 */
int chp_reject_no_value(struct chp_parser *p)
{
	const struct chp_text *word = &p->word.all;
	const struct keyword *key = find(options, word);

	if (!key)
		key = find(attributes, word);
	if (!key || !key->value || key->optional || p->word.value.quoted)
		return 0;
	return chp_reject(p->why, -EINVAL, word->col,
			  "\"%s\" needs a value: %s=%s", key->name, key->name,
			  key->value);
}

bool chp_is_option(const struct chp_text *name)
{
	return find(options, name);
}

bool chp_is_attribute(const struct chp_text *name)
{
	return find(attributes, name);
}

/* Whether this word, which has no "=", is an attribute as it stands. */
bool chp_is_flag(const struct chp_text *word)
{
	const struct keyword *key = find(attributes, word);

	return key && (!key->value || key->optional);
}

void chp_guess_attributes(struct chp_guess *guess)
{
	guess_keys(attributes, guess);
}

/* The word is this key: reads it, and steps over it. */
static int take(struct chp_parser *p, const struct keyword *table,
		const struct keyword *key)
{
	const struct chp_word *word = &p->word;
	unsigned int bit = 1U << (key - table);
	int err;

	if (p->keys_seen & bit)
		return chp_reject(p->why, -EINVAL, word->col,
				  "\"%s\" is given twice", key->name);
	p->keys_seen |= bit;
	if (!key->value && word->name.len)
		return chp_reject(p->why, -EINVAL, word->col,
				  "\"%s\" takes no value", key->name);
	if (key->value && !(key->optional && !word->name.len) &&
	    !word->value.len && !word->value.quoted)
		return chp_reject(p->why, -EINVAL, word->value.col,
				  "\"%s\" needs a value: %s=%s", key->name,
				  key->name, key->value);
	err = key->take(p, key);
	return err ? err : chp_next_word(p);
}

/* The word has the form NAME=VALUE and stands before the source. */
int chp_take_option(struct chp_parser *p)
{
	const struct chp_text *name = &p->word.name;
	const struct keyword *key = find(options, name);
	struct chp_guess guess;

	if (key)
		return take(p, options, key);
	if (find(attributes, name))
		return chp_reject(p->why, -EINVAL, name->col,
				  "\"%.*s\" is an attribute of a stage and stands after its operation",
				  (int)name->len, name->at);
	chp_guess_start(&guess, name->at, name->len);
	guess_keys(options, &guess);
	return chp_reject_unknown(p->why, name->col, "option", &guess);
}

/* The word is an attribute, by its name or as a flag. */
int chp_take_attribute(struct chp_parser *p)
{
	const struct chp_word *word = &p->word;
	const struct keyword *key;

	key = find(attributes, word->name.len ? &word->name : &word->value);
	if (p->stage.op->flags & CHP_OP_SOURCE && key->not_source)
		return chp_reject(p->why, -EINVAL, word->col,
				  "\"%s\" cannot stand here, %s", key->name,
				  key->not_source);
	return take(p, attributes, key);
}
