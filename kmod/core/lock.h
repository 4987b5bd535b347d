/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's raw spinlock, taken without a call.
 *
 * Whether spin_lock() is a function is decided by the kernel's configuration,
 * and mostly it is one: two calls, and two changes of the preemption count, each
 * time. Here the lock word is taken in line, where nobody else has it, by the
 * same code that the function would run. With interrupts off there is no
 * preemption either, so that count is left alone. Nothing in such a section
 * makes a task of this CPU ready and relies on the unlock to switch to it: what
 * is woken is woken afterwards.
 *
 * Where something watches locks, it is the kernel's own functions that are
 * called, and so lockdep and the race detector see them all.
 *
 * For what is called for each element; elsewhere raw_spin_lock_irqsave() will do,
 * and the two can be used on the same lock.
 */
#ifndef CHP_CORE_LOCK_H
#define CHP_CORE_LOCK_H

#include <linux/irqflags.h>
#include <linux/spinlock.h>

#if defined(CONFIG_DEBUG_SPINLOCK) || defined(CONFIG_DEBUG_LOCK_ALLOC) || \
	defined(CONFIG_KCSAN)
#define CHP_LOCKS_WATCHED 1
#else
#define CHP_LOCKS_WATCHED 0
#endif

/* local_irq_restore(), where interrupts are mostly on: that is no jump then. */
static __always_inline void chp_irq_restore(unsigned long flags)
{
	if (likely(!irqs_disabled_flags(flags)))
		local_irq_restore(flags);
	else
		local_irq_restore(flags);
}

static __always_inline unsigned long chp_lock(raw_spinlock_t *lock)
	__acquires(lock)
{
	unsigned long flags;

#if CHP_LOCKS_WATCHED
	raw_spin_lock_irqsave(lock, flags);
#else
	local_irq_save(flags);
	__acquire(lock);
	arch_spin_lock(&lock->raw_lock);
#endif
	return flags;
}

static __always_inline void chp_unlock(raw_spinlock_t *lock,
				       unsigned long flags)
	__releases(lock)
{
#if CHP_LOCKS_WATCHED
	raw_spin_unlock_irqrestore(lock, flags);
#else
	arch_spin_unlock(&lock->raw_lock);
	__release(lock);
	chp_irq_restore(flags);
#endif
}

/* False when somebody has it, or comes before us: then nothing was changed. */
static __always_inline bool chp_trylock(raw_spinlock_t *lock,
					unsigned long *flags)
{
#if CHP_LOCKS_WATCHED
	return raw_spin_trylock_irqsave(lock, *flags);
#else
	unsigned long were;

	local_irq_save(were);
	if (likely(arch_spin_trylock(&lock->raw_lock))) {
		__acquire(lock);
		*flags = were;
		return true;
	}
	local_irq_restore(were);
	return false;
#endif
}

/* Where interrupts are known to be on. */
static __always_inline void chp_lock_irq(raw_spinlock_t *lock)
	__acquires(lock)
{
#if CHP_LOCKS_WATCHED
	raw_spin_lock_irq(lock);
#else
	local_irq_disable();
	__acquire(lock);
	arch_spin_lock(&lock->raw_lock);
#endif
}

static __always_inline void chp_unlock_irq(raw_spinlock_t *lock)
	__releases(lock)
{
#if CHP_LOCKS_WATCHED
	raw_spin_unlock_irq(lock);
#else
	arch_spin_unlock(&lock->raw_lock);
	__release(lock);
	local_irq_enable();
#endif
}

#endif
