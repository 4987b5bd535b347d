// SPDX-License-Identifier: GPL-2.0
/* Lines for stdout, written in large pieces. */
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include "output.h"

/* Returns 0 or a negative errno, as all of these. */
static int write_out(const char *buf, size_t len)
{
	ssize_t n;

	while (len) {
		n = write(STDOUT_FILENO, buf, len);
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0) {
			buf += n;
			len -= n;
		}
	}
	return 0;
}

int output_flush(struct output *out)
{
	int err = write_out(out->buf, out->len);

	out->len = 0;
	return err;
}

static int put(struct output *out, const char *text, size_t len)
{
	int err;

	if (len > OUTPUT_BUFFER - out->len) {
		err = output_flush(out);
		if (err)
			return err;
	}
	if (len > OUTPUT_BUFFER)
		return write_out(text, len);
	memcpy(out->buf + out->len, text, len);
	out->len += len;
	return 0;
}

int output_line(struct output *out, const char *text, size_t len)
{
	int err = put(out, text, len);

	return err ? err : put(out, "\n", 1);
}
