/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Channels whose elements' type the compiler checks.
 *
 *	CHP_CHAN_TYPE(request_chan, struct request);
 *
 * defines struct request_chan, a channel of struct request, and functions of the
 * same meaning as those in <chanpat/chan.h>, <chanpat/task.h> and
 * <chanpat/select.h>, with the type in their arguments:
 *
 *	struct request_chan *ch = request_chan_alloc(16, "requests");
 *	struct request req = { ... };
 *
 *	err = request_chan_send(ctx, ch, &req);
 *	err = request_chan_recv(ctx, ch, &req);
 *	request_chan_close(ch);
 *	request_chan_put(ch);
 *
 * There is no such struct: a pointer to it is a pointer to a struct chp_chan,
 * which request_chan_untyped() gives back, and all of it costs nothing at run
 * time. Elements are given by pointer; a number as &(u64){ 42 }.
 */
#ifndef CHANPAT_TYPED_H
#define CHANPAT_TYPED_H

#include <linux/build_bug.h>
#include <chanpat/chan.h>
#include <chanpat/select.h>
#include <chanpat/task.h>

/**
 * CHP_CHAN_TYPE() - define a type of channels
 * @name: of the struct, and what its functions begin with
 * @type: of the elements, no larger than CHP_ELEM_MAX
 */
#define CHP_CHAN_TYPE(name, type)					\
struct name;								\
static_assert(sizeof(type) <= CHP_ELEM_MAX);				\
									\
static inline struct chp_chan *name##_untyped(struct name *ch)		\
{									\
	return (struct chp_chan *)ch;					\
}									\
									\
static inline __maybe_unused struct name *				\
name##_alloc(unsigned int cap, const char *label)			\
{									\
	return (struct name *)chp_chan_alloc(sizeof(type), cap, label);	\
}									\
									\
static inline struct name *name##_get(struct name *ch)			\
{									\
	return (struct name *)chp_chan_get(name##_untyped(ch));		\
}									\
									\
static inline void name##_put(struct name *ch)				\
{									\
	chp_chan_put(name##_untyped(ch));				\
}									\
									\
static inline int name##_send(struct chp_ctx *ctx, struct name *ch,	\
			      const type *elem)				\
{									\
	return chp_send(ctx, name##_untyped(ch), elem);			\
}									\
									\
static inline int name##_recv(struct chp_ctx *ctx, struct name *ch,	\
			      type *elem)				\
{									\
	return chp_recv(ctx, name##_untyped(ch), elem);			\
}									\
									\
static inline int name##_try_send(struct name *ch, const type *elem)	\
{									\
	return chp_try_send(name##_untyped(ch), elem);			\
}									\
									\
static inline int name##_try_recv(struct name *ch, type *elem)		\
{									\
	return chp_try_recv(name##_untyped(ch), elem);			\
}									\
									\
static inline int name##_close(struct name *ch)				\
{									\
	return chp_close(name##_untyped(ch));				\
}									\
									\
static inline int name##_task_send(struct chp_task *task,		\
				   struct name *ch, const type *elem)	\
{									\
	return chp_task_send(task, name##_untyped(ch), elem);		\
}									\
									\
static inline int name##_task_recv(struct chp_task *task,		\
				   struct name *ch, type *elem)		\
{									\
	return chp_task_recv(task, name##_untyped(ch), elem);		\
}									\
									\
static inline struct chp_case name##_case_send(struct name *ch,		\
					       const type *elem)	\
{									\
	return (struct chp_case)CHP_CASE_SEND(name##_untyped(ch), elem); \
}									\
									\
static inline struct chp_case name##_case_recv(struct name *ch,		\
					       type *elem)		\
{									\
	return (struct chp_case)CHP_CASE_RECV(name##_untyped(ch), elem); \
}									\
static_assert(true)

#endif
