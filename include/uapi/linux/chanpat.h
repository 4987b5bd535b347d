/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * /dev/chanpat for programs: the binary format, and the ioctls.
 *
 * A file begins in the text format. After
 *
 *	int format = CHANPAT_FORMAT_RECORDS;
 *
 *	ioctl(fd, CHANPAT_IOC_FORMAT, &format);
 *
 * what is written to it and read from it are records: a struct chanpat_record
 * and what belongs to it, aligned to 8 bytes. A write carries whole records, as
 * many as one likes; a read returns whole records, as many as there are and fit.
 *
 * Numbers have the byte order of the machine, as records do not leave it. All
 * structures are the same for 32-bit and 64-bit programs. Reserved fields, flags
 * that are not known, and the padding of byte strings have to be 0: what they
 * will mean later must not be in them by chance. Anything else is EINVAL.
 *
 * The ABI grows in three ways, and no program has to be built again for it: by
 * new types of records, which a program that does not know them skips by their
 * size; by longer structures at the end of ioctls, whose size is in the ioctl's
 * number, with 0 for what an old program does not give; and by flags.
 * CHANPAT_IOC_INFO says which ABI the module has.
 */
#ifndef _UAPI_LINUX_CHANPAT_H
#define _UAPI_LINUX_CHANPAT_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define CHANPAT_ABI	1

/* Formats of an open file. */
#define CHANPAT_FORMAT_TEXT	0
#define CHANPAT_FORMAT_RECORDS	1

/* Types of records: W what is written, R what is read. */
#define CHANPAT_LINE	1	/* W: the text of a line, and no newline */
#define CHANPAT_NUMBERS	2	/* W, R: @count times __s64 */
#define CHANPAT_BYTES	3	/* W, R: @count times struct chanpat_bytes */
#define CHANPAT_END	4	/* W: the input of the job is complete */
#define CHANPAT_CANCEL	5	/* W: the job is to end */
#define CHANPAT_ERRORS	6	/* R: @count times struct chanpat_error */
#define CHANPAT_DONE	7	/* R: one struct chanpat_done, the job's last */
#define CHANPAT_REJECT	8	/* R: one struct chanpat_reject */

/* The longest record, and so the smallest buffer that can read any. */
#define CHANPAT_RECORD_MAX	(128 * 1024)

/* The most values in a record that is written. */
#define CHANPAT_COUNT_MAX	2048

/**
 * struct chanpat_record - the beginning of each record
 * @size: of the record in bytes, this header included, a multiple of 8 but for
 *	CHANPAT_LINE, which is followed by zeroes up to the next multiple of 8
 * @type: CHANPAT_LINE and so on; a reader skips what it does not know
 * @flags: 0
 * @cookie: the job's name in this session. The line that starts a job gives
 *	it, any number but 0 that no other job of the session has, from its line
 *	until its end was read (else EEXIST). 0 in lines that start no job, and in
 *	what comes from jobs that were started by text.
 * @job: what is read: the job's number, as debugfs shows it; what is written: 0
 * @count: of what follows; 1 for CHANPAT_DONE and CHANPAT_REJECT; 0 for
 *	CHANPAT_LINE, CHANPAT_END and CHANPAT_CANCEL
 */
struct chanpat_record {
	__u32 size;
	__u16 type;
	__u16 flags;
	__aligned_u64 cookie;
	__u32 job;
	__u32 count;
};

/**
 * struct chanpat_bytes - a byte string
 * @len: of @data, at most 65536
 * @reserved: 0
 * @data: any bytes, followed by zeroes up to the next multiple of 8
 */
struct chanpat_bytes {
	__u32 len;
	__u32 reserved;
	__u8 data[];
};

/**
 * struct chanpat_error - an item that could not be made
 * @seq: the number of the item at that stage, from 1
 * @err: its errno, positive
 * @stage: where, the source is 0
 * @reserved: 0
 */
struct chanpat_error {
	__aligned_u64 seq;
	__u32 err;
	__u16 stage;
	__u16 reserved;
};

/* How a job has ended. */
#define CHANPAT_RUNNING		0	/* it has not */
#define CHANPAT_OK		1
#define CHANPAT_CANCELLED	2
#define CHANPAT_TIMEOUT		3
#define CHANPAT_IDLE		4
#define CHANPAT_FAILED		5

/**
 * struct chanpat_done - the end of a job
 * @items: values that it gave
 * @errors: items that failed
 * @time_ns: from its line to its last item
 * @status: CHANPAT_OK and so on
 * @err: errno of CHANPAT_FAILED, positive
 */
struct chanpat_done {
	__aligned_u64 items;
	__aligned_u64 errors;
	__aligned_u64 time_ns;
	__u32 status;
	__u32 err;
};

#define CHANPAT_REASON	160

/**
 * struct chanpat_reject - why something was not accepted
 * @cookie: of the record; 0 when it was text
 * @err: errno, positive
 * @col: where in the line, from 1; 0 for what is no line
 * @reason: text, ended by a NUL
 *
 * A write of records fails with the errno, and CHANPAT_IOC_REJECT says more: the
 * last one of this file, text included. Where records stand before the one that
 * is rejected the write is short, and the next one fails. As a record it is read
 * only from the session of a user, where others write text.
 */
struct chanpat_reject {
	__aligned_u64 cookie;
	__u32 err;
	__u32 col;
	char reason[CHANPAT_REASON];
};

/**
 * struct chanpat_info - what there is, and how much of it
 * @abi: CHANPAT_ABI of the module
 * @format: CHANPAT_FORMAT_* of the file
 * @session: its session's number, as debugfs shows it
 * @line: bytes of a line
 * @stages: of a job, the source included
 * @workers: of a stage
 * @buf: items of a buffer
 * @jobs: of the session that run at a time
 * @memory: bytes that the session may hold
 * @memory_used: bytes that it holds now
 */
struct chanpat_info {
	__u32 abi;
	__u32 format;
	__u32 session;
	__u32 line;
	__u32 stages;
	__u32 workers;
	__u32 buf;
	__u32 jobs;
	__aligned_u64 memory;
	__aligned_u64 memory_used;
};

/**
 * struct chanpat_wait - wait for the end of a job
 * @cookie: the job's; or 0, and @job counts
 * @job: its number; or 0, and @cookie counts
 * @flags: 0
 * @timeout_ns: the longest wait; negative for any, 0 to look only
 * @done: filled in: how it has ended
 *
 * The job has ended when its last item has been taken in, by a reader or by the
 * 256 places for results that wait for one. Nothing is read by this call.
 */
struct chanpat_wait {
	__aligned_u64 cookie;
	__u32 job;
	__u32 flags;
	__s64 timeout_ns;
	struct chanpat_done done;
};

/**
 * struct chanpat_limits - what the session is to do with
 * @jobs: that run at a time; 0 to leave it as it is
 * @nice: as of nice(2), from 1 to 19: how much less than others its jobs get; 0
 *	to leave it as it is, which is what who opened the session had, but no
 *	less than 0
 * @memory: bytes that it may hold; 0 to leave it as it is
 */
struct chanpat_limits {
	__u32 jobs;
	__u32 nice;
	__aligned_u64 memory;
};

/*
 * The ioctls. The size of the structure is a part of the number: one that is
 * shorter than the module's is taken as if zeroes followed, and one that is
 * longer is accepted when they do, else E2BIG.
 */
#define CHANPAT_IOC_MAGIC	0xC7

/*
 * EINVAL; EBUSY when the file has a half-written line or a half-read one, or is
 * being written or read.
 */
#define CHANPAT_IOC_FORMAT	_IOW(CHANPAT_IOC_MAGIC, 0, __u32)

#define CHANPAT_IOC_INFO	_IOR(CHANPAT_IOC_MAGIC, 1, struct chanpat_info)

/* ENODATA when nothing that this file has written was rejected so far. */
#define CHANPAT_IOC_REJECT	_IOR(CHANPAT_IOC_MAGIC, 2, struct chanpat_reject)

/*
 * The cookie of a job, or 0 for all jobs of the session. ESRCH; EBADF when the file
 * is not open for writing.
 */
#define CHANPAT_IOC_CANCEL	_IOW(CHANPAT_IOC_MAGIC, 3, __u64)

/*
 * EINVAL without a job, or with two; ESRCH, also when the job's end was read before;
 * ETIME; EINTR; EAGAIN when it was only to look.
 */
#define CHANPAT_IOC_WAIT	_IOWR(CHANPAT_IOC_MAGIC, 4, struct chanpat_wait)

/*
 * EBADF when the file is not open for writing; EINVAL; EPERM for more than there
 * is, or for a nice that is lower, unless one has CAP_SYS_RESOURCE. Nothing is
 * changed then.
 */
#define CHANPAT_IOC_LIMIT	_IOW(CHANPAT_IOC_MAGIC, 5, struct chanpat_limits)

#endif
