// SPDX-License-Identifier: GPL-2.0
/*
 * The names of errors: those that user space knows. The kernel's own table is
 * neither always there nor open to modules.
 */
#ifdef __KERNEL__
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include "../compat.h"
#else
#include <errno.h>
#endif

#include "spec.h"

#define E(name) \
	[E##name] = "E" #name

static const char * const names[] = {
	E(PERM), E(NOENT), E(SRCH), E(INTR), E(IO), E(NXIO), E(2BIG),
	E(NOEXEC), E(BADF), E(CHILD), E(AGAIN), E(NOMEM), E(ACCES), E(FAULT),
	E(NOTBLK), E(BUSY), E(EXIST), E(XDEV), E(NODEV), E(NOTDIR), E(ISDIR),
	E(INVAL), E(NFILE), E(MFILE), E(NOTTY), E(TXTBSY), E(FBIG), E(NOSPC),
	E(SPIPE), E(ROFS), E(MLINK), E(PIPE), E(DOM), E(RANGE), E(DEADLK),
	E(NAMETOOLONG), E(NOLCK), E(NOSYS), E(NOTEMPTY), E(LOOP), E(NOMSG),
	E(IDRM), E(CHRNG), E(L2NSYNC), E(L3HLT), E(L3RST), E(LNRNG), E(UNATCH),
	E(NOCSI), E(L2HLT), E(BADE), E(BADR), E(XFULL), E(NOANO), E(BADRQC),
	E(BADSLT), E(BFONT), E(NOSTR), E(NODATA), E(TIME), E(NOSR), E(NONET),
	E(NOPKG), E(REMOTE), E(NOLINK), E(ADV), E(SRMNT), E(COMM), E(PROTO),
	E(MULTIHOP), E(DOTDOT), E(BADMSG), E(OVERFLOW), E(NOTUNIQ), E(BADFD),
	E(REMCHG), E(LIBACC), E(LIBBAD), E(LIBSCN), E(LIBMAX), E(LIBEXEC),
	E(ILSEQ), E(RESTART), E(STRPIPE), E(USERS), E(NOTSOCK), E(DESTADDRREQ),
	E(MSGSIZE), E(PROTOTYPE), E(NOPROTOOPT), E(PROTONOSUPPORT),
	E(SOCKTNOSUPPORT), E(OPNOTSUPP), E(PFNOSUPPORT), E(AFNOSUPPORT),
	E(ADDRINUSE), E(ADDRNOTAVAIL), E(NETDOWN), E(NETUNREACH), E(NETRESET),
	E(CONNABORTED), E(CONNRESET), E(NOBUFS), E(ISCONN), E(NOTCONN),
	E(SHUTDOWN), E(TOOMANYREFS), E(TIMEDOUT), E(CONNREFUSED), E(HOSTDOWN),
	E(HOSTUNREACH), E(ALREADY), E(INPROGRESS), E(STALE), E(UCLEAN),
	E(NOTNAM), E(NAVAIL), E(ISNAM), E(REMOTEIO), E(DQUOT), E(NOMEDIUM),
	E(MEDIUMTYPE), E(CANCELED), E(NOKEY), E(KEYEXPIRED), E(KEYREVOKED),
	E(KEYREJECTED), E(OWNERDEAD), E(NOTRECOVERABLE), E(RFKILL),
	E(HWPOISON),
};

/* Second names. */
static const struct {
	const char *name;
	int err;
} aliases[] = {
	{ "EWOULDBLOCK", EWOULDBLOCK },
	{ "EDEADLOCK", EDEADLOCK },
	{ "ENOTSUP", EOPNOTSUPP },
};

static bool same(const char *a, const char *b, size_t len)
{
	return strlen(a) == len && !memcmp(a, b, len);
}

/**
 * chp_errno_name() - the name of an error
 * @err: its number, positive
 *
 * Return: the name, or NULL where there is none.
 */
const char *chp_errno_name(int err)
{
	if (err <= 0 || (size_t)err >= ARRAY_SIZE(names))
		return NULL;
	return names[err];
}
EXPORT_SYMBOL_CHP_TESTS(chp_errno_name);

/**
 * chp_errno_number() - the number of an error
 * @name: its name, in capital letters; need not end in NUL
 * @len: bytes of the name
 *
 * Return: the number, positive, or 0 where no error has this name.
 */
int chp_errno_number(const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (names[i] && same(names[i], name, len))
			return i;
	for (i = 0; i < ARRAY_SIZE(aliases); i++)
		if (same(aliases[i].name, name, len))
			return aliases[i].err;
	return 0;
}
