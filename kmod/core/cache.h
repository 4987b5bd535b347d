/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Memory of small objects that have gone, kept for the next ones.
 *
 * The kernel's allocator takes some 250 instructions for a block that comes and
 * goes: it zeroes it, asks who pays, and guards its own lists. What is made and
 * let go of for each call that somebody serves, as a context or a channel for an
 * answer, is taken from a few blocks here instead, a list of them for each CPU.
 *
 *  - Only blocks that are charged to no memory cgroup are kept, and only those
 *    are given them who would not have been charged: kernel threads that work for
 *    nobody else, and the root cgroup. The others pay for a block of their own,
 *    from the allocator and back to it, so a cgroup never has less or more than
 *    what it uses.
 *  - What is kept is bounded: CHP_CACHE_KEEP blocks of each size for each CPU, 18
 *    KiB for a CPU at most. It goes with the module.
 *  - A block holds what the last user has left in it: the next one sets all that
 *    it will read. Where the kernel is told to wipe what is freed, none is kept.
 *  - Where something watches the memory (KASAN, kmemleak, debug objects), none is
 *    kept either: a use after the end would look like a good one, and a leak
 *    would be hidden. All goes through the allocator there.
 */
#ifndef CHP_CORE_CACHE_H
#define CHP_CORE_CACHE_H

#include <linux/irqflags.h>
#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/slab.h>
#include "../compat.h"

#if defined(CONFIG_KASAN) || defined(CONFIG_DEBUG_KMEMLEAK) || \
	defined(CONFIG_DEBUG_OBJECTS_FREE) || defined(CONFIG_SLUB_DEBUG_ON)
#define CHP_CACHES_OFF 1
#else
#define CHP_CACHES_OFF 0
#endif

/* Blocks of a size that are kept for a CPU: with their number, a power of two. */
#define CHP_CACHE_KEEP 15
/* The sizes, each one of kmalloc()'s: multiples of this, and a large one. */
#define CHP_CACHE_STEP 64
#define CHP_CACHE_STEPS 4
#define CHP_CACHE_LARGE 512
#define CHP_CACHE_SIZES (CHP_CACHE_STEPS + 1)

/**
 * struct chp_shelf - the blocks of one size that a CPU keeps
 * @n: how many there are
 * @blocks: the last one goes first, for it is the one that the CPU remembers best
 *
 * Belongs to its CPU, with interrupts off. They are off for a few instructions,
 * and no lock is taken meanwhile: so it is on PREEMPT_RT, too.
 */
struct chp_shelf {
	unsigned long n;
	void *blocks[CHP_CACHE_KEEP];
};

/* All that a CPU keeps. */
struct chp_cache {
	struct chp_shelf shelves[CHP_CACHE_SIZES];
};

DECLARE_PER_CPU(struct chp_cache, chp_cache);

/* Which shelf blocks of a size are on, from 1; 0 is for those too large. */
static __always_inline u8 chp_cache_shelf(size_t size)
{
	if (CHP_CACHES_OFF || size > CHP_CACHE_LARGE)
		return 0;
	if (unlikely(size > CHP_CACHE_STEPS * CHP_CACHE_STEP))
		return CHP_CACHE_SIZES;
	return DIV_ROUND_UP(size, CHP_CACHE_STEP);
}

bool chp_cache_unpaid(void);
void *chp_cache_refill(size_t size, u8 shelf);

static __always_inline void *chp_cache_take(u8 shelf)
{
	struct chp_shelf *from;
	void *block = NULL;

	local_irq_disable();
	from = &this_cpu_ptr(&chp_cache)->shelves[shelf - 1];
	if (likely(from->n))
		block = from->blocks[--from->n];
	local_irq_enable();
	return block;
}

/*
 * A block, not zeroed, or NULL. @shelf is chp_cache_shelf(size), and @keep says
 * whether the block may be given to chp_cache_keep() afterwards. May sleep, so
 * interrupts are on.
 */
static __always_inline void *chp_cache_alloc(size_t size, u8 shelf, bool *keep)
{
	void *block = NULL;

	*keep = shelf && !want_init_on_free() &&
		(!chp_memcg_online() || chp_cache_unpaid());
	if (likely(*keep))
		block = chp_cache_take(shelf);
	return likely(block) ? block : chp_cache_refill(size, *keep ? shelf : 0);
}

/*
 * For a block that may be kept. False when it is the caller's to free. In any
 * context, hard interrupts on PREEMPT_RT included.
 */
static __always_inline bool chp_cache_keep(void *block, u8 shelf)
{
	struct chp_shelf *to;
	unsigned long flags;
	bool kept = false;

	if (CHP_CACHES_OFF)
		return false;
	local_irq_save(flags);
	to = &this_cpu_ptr(&chp_cache)->shelves[shelf - 1];
	if (likely(to->n < CHP_CACHE_KEEP)) {
		to->blocks[to->n++] = block;
		kept = true;
	}
	local_irq_restore(flags);
	return kept;
}

unsigned int chp_cache_count(void);
void chp_cache_exit(void);

#endif
