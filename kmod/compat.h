/* SPDX-License-Identifier: GPL-2.0 */
/* What differs between the kernels that chanpat is built for, 6.1 and up. */
#ifndef CHP_COMPAT_H
#define CHP_COMPAT_H

#include <linux/err.h>
#include <linux/export.h>
#include <linux/hrtimer.h>
#include <linux/memcontrol.h>
#include <linux/module.h>
#include <linux/ns_common.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include <linux/version.h>
#include <linux/workqueue.h>

/* In 7.x kernel.h no longer includes it; before 6.5 it was a part of kernel.h. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
#include <linux/hex.h>
#else
#include <linux/kernel.h>
#endif

/*
 * For what is on the stack and filled in by its own function: kernels that zero
 * the stack would fill it twice. Clang and gcc know it since 8 and 12.
 */
#if __has_attribute(__uninitialized__)
#define CHP_UNINITIALIZED __attribute__((__uninitialized__))
#else
#define CHP_UNINITIALIZED
#endif

/* It moved in 6.12. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
#include <linux/unaligned.h>
#else
#include <asm/unaligned.h>
#endif

/* The namespace of an export became a string literal in 6.13. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 13, 0)
#define EXPORT_SYMBOL_CHP(sym)		EXPORT_SYMBOL_NS_GPL(sym, "CHANPAT")
#else
#define EXPORT_SYMBOL_CHP(sym)		EXPORT_SYMBOL_NS_GPL(sym, CHANPAT)
#endif

/* Parts without an API of their own are exported for their suites alone. */
#if IS_ENABLED(CONFIG_KUNIT)
#define EXPORT_SYMBOL_CHP_TESTS(sym)	EXPORT_SYMBOL_CHP(sym)
#else
#define EXPORT_SYMBOL_CHP_TESTS(sym)
#endif

/* As EXPORT_PER_CPU_SYMBOL(): sparse would take the symbol for no longer per CPU. */
#ifdef __CHECKER__
#define EXPORT_PER_CPU_SYMBOL_CHP_TESTS(sym)
#else
#define EXPORT_PER_CPU_SYMBOL_CHP_TESTS(sym)	EXPORT_SYMBOL_CHP_TESTS(sym)
#endif

/* crc32c() had a module of its own, and became one of the CRCs in 6.14. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 14, 0)
#define CHP_LACKS_CRC32C	(IS_ENABLED(CONFIG_CRC32) ? NULL : "CONFIG_CRC32")
#else
#define CHP_LACKS_CRC32C						\
	(IS_ENABLED(CONFIG_LIBCRC32C) ? NULL : "CONFIG_LIBCRC32C")
#endif

/*
 * What is bound to a CPU has to say so in 7.x. Some kernels before 6.17 know the
 * flag, as one that changes nothing.
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 17, 0)
#define WQ_PERCPU 0
#endif

/* A kernel that unloads no modules does not count who uses one. */
#ifndef CONFIG_MODULE_UNLOAD
static inline int module_refcount(struct module *mod)
{
	return 0;
}
#endif

/* What splices from a file through its read_iter() was renamed in 6.5. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 5, 0)
#define copy_splice_read generic_file_splice_read
#endif

/* Whether kernel memory is charged to anybody was renamed in 6.3. */
static inline bool chp_memcg_online(void)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 3, 0)
	return memcg_kmem_online();
#else
	return memcg_kmem_enabled();
#endif
}

/*
 * Waits for what kfree_rcu() has been given. That came in 6.12, and modules may no
 * longer do it in 7.x, where what is freed so goes by call_rcu(), but for the last
 * few objects.
 */
static inline void chp_kvfree_rcu_barrier(void)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0) && \
	LINUX_VERSION_CODE < KERNEL_VERSION(7, 0, 0)
	kvfree_rcu_barrier();
#else
	rcu_barrier();
#endif
}

/* hrtimer_init() and the assignment of the callback became one call in 6.13. */
static inline void chp_hrtimer_setup(struct hrtimer *timer,
				     enum hrtimer_restart (*fn)(struct hrtimer *),
				     enum hrtimer_mode mode)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 13, 0)
	hrtimer_setup(timer, fn, CLOCK_MONOTONIC, mode);
#else
	hrtimer_init(timer, CLOCK_MONOTONIC, mode);
	timer->function = fn;
#endif
}

static inline void
chp_hrtimer_setup_on_stack(struct hrtimer *timer,
			   enum hrtimer_restart (*fn)(struct hrtimer *),
			   enum hrtimer_mode mode)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 13, 0)
	hrtimer_setup_on_stack(timer, fn, CLOCK_MONOTONIC, mode);
#else
	hrtimer_init_on_stack(timer, CLOCK_MONOTONIC, mode);
	timer->function = fn;
#endif
}

/* From here on, what the suites alone need. */

/* The one that makes the parameters of a test is given the test since 6.18. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 18, 0)
#define CHP_KUNIT_PARAMS	struct kunit *test, const void *prev, char *desc
#else
#define CHP_KUNIT_PARAMS	const void *prev, char *desc
#endif

/* Flags of a file in memory became a type of their own in 7.0. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(7, 0, 0)
#define CHP_SHMEM_NO_FLAGS	EMPTY_VMA_FLAGS
#else
#define CHP_SHMEM_NO_FLAGS	0
#endif

static inline refcount_t *chp_ns_refs(struct ns_common *ns)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 18, 0)
	return &ns->__ns_ref;
#else
	return &ns->count;
#endif
}

/*
 * A namespace that a test makes up. Since 6.18 they have numbers, and those with
 * low ones are the kernel's first, whose references are not counted.
 */
static inline void chp_ns_init(struct ns_common *ns)
{
	refcount_set(chp_ns_refs(ns), 1);
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 18, 0)
	ns->ns_id = U64_MAX;
#endif
}

#endif
