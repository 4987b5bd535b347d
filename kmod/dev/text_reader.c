// SPDX-License-Identifier: GPL-2.0
/*
 * A read takes results from the session, and makes text of them; what did not
 * fit into the reader's buffer is kept with the file.
 */
#include <linux/uio.h>
#include "file.h"
#include "result.h"
#include "session.h"
#include "text_reader.h"

static int reader_reject(struct chp_file *f, struct chp_reject_record *reject)
{
	int err = chp_text_reject(&f->text, &reject->why);

	if (!err)
		chp_session_pass_reject(f->session, reject);
	return err;
}

static int reader_result(struct chp_file *f)
{
	const struct chp_result *result = chp_session_peek(f->session);
	int err;

	if (!result)
		return -EAGAIN;
	err = chp_text_result(&f->text, result);
	if (!err)
		chp_session_pass(f->session);
	return err;
}

/*
 * Makes the next line. The session's lock is held meanwhile, for the result's
 * job is there until its end was read, and somebody else might read that.
 */
static int reader_next(struct chp_file *f, bool nowait)
{
	struct chp_session *session = f->session;
	struct chp_reject_record *reject;
	int err = chp_session_lock_reading(session, nowait);

	if (err)
		return err;
	reject = chp_session_peek_reject(session);
	err = reject ? reader_reject(f, reject) : reader_result(f);
	mutex_unlock(&session->reading);
	return err;
}

/* Copies what is left of the line; nothing of it is lost when that faults. */
static ssize_t reader_copy(struct chp_text *text, struct iov_iter *to)
{
	size_t n = copy_to_iter(text->buf + text->pos, text->len - text->pos,
				to);

	if (!n && iov_iter_count(to))
		return -EFAULT;
	WRITE_ONCE(text->pos, text->pos + n);
	return n;
}

/**
 * chp_text_read() - read whole lines, as many as there are and fit
 * @f: its @reading is held by the caller
 * @to: not empty
 * @nowait: do not wait for a lock
 *
 * A first line that does not fit is read in parts; a later one is left for the
 * next read.
 *
 * Context: may sleep.
 * Return: bytes; -EAGAIN when there is nothing now; -ERESTARTSYS; -EFAULT and
 * -ENOMEM, and nothing is lost.
 */
ssize_t chp_text_read(struct chp_file *f, struct iov_iter *to, bool nowait)
{
	struct chp_text *text = &f->text;
	ssize_t done = 0, n;

	for (;;) {
		if (text->pos == text->len) {
			n = reader_next(f, nowait);
			if (n)
				return done ?: n;
		}
		if (done && text->len - text->pos > iov_iter_count(to))
			return done;
		n = reader_copy(text, to);
		if (n < 0)
			return done ?: n;
		done += n;
		if (!iov_iter_count(to))
			return done;
	}
}
