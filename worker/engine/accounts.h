/*
 * Accounts: whose turn it is. Each account has its ready jobs, and accounts that have some take turns.
 *
 * While several accounts wait for executors, none is given more than half of them; one that waits alone may have all. An
 * account that was throttled is held back by its paces (pace.h), one for reads and one for writes, as a whole: nobody
 * looks at its jobs until it may start one again. Jobs without an account are a group of their own, without limits.
 *
 * Every step takes constant time, whatever the number of jobs and accounts. What was learned of an account's limits is
 * kept for IRSA_ACCOUNT_KEPT_MS after its last job, for IRSA_ACCOUNTS_KEPT accounts at most. One thread; the time is
 * that of the last irsa_accounts_tick().
 */
#ifndef IRSA_ENGINE_ACCOUNTS_H
#define IRSA_ENGINE_ACCOUNTS_H

#include "worker/engine/task.h"

#define IRSA_ACCOUNT_KEPT_MS 300000
#define IRSA_ACCOUNTS_KEPT   1024

struct irsa_accounts;

struct irsa_accounts *irsa_accounts_new(unsigned executors);
/* Nothing is enrolled any more. */
void irsa_accounts_free(struct irsa_accounts *accounts);

/* From here to leaving, the task's account is known. */
void irsa_accounts_enrol(struct irsa_accounts *accounts, struct irsa_task *task);
/* A task that is neither READY nor counted goes. */
void irsa_accounts_leave(struct irsa_accounts *accounts, struct irsa_task *task);

/* A task becomes READY, or is so no longer without having been taken. */
void irsa_accounts_ready(struct irsa_accounts *accounts, struct irsa_task *task);
void irsa_accounts_unready(struct irsa_accounts *accounts, struct irsa_task *task);

/* The one whose turn it is, taken out; NULL: none may start now. The turn is over with irsa_accounts_start(). */
struct irsa_task *irsa_accounts_next(struct irsa_accounts *accounts);
/* A guess at it: of the account whose turn it is, the one with the longest queue behind it. */
const struct irsa_task *irsa_accounts_peek(const struct irsa_accounts *accounts);

/* May this one start out of turn, as far as its account's limits go? */
bool irsa_accounts_has_room(struct irsa_accounts *accounts, const struct irsa_task *task);

/* It starts, and is counted until it is relieved; what the run has cost is learned from then. */
void irsa_accounts_start(struct irsa_accounts *accounts, struct irsa_task *task);
void irsa_accounts_relieve(struct irsa_accounts *accounts, struct irsa_task *task, bool has_run);

/* It is that late now: who was held back until then has his turns again. */
void irsa_accounts_tick(struct irsa_accounts *accounts, int64_t now_ms);
/* When that is the case next; INT64_MAX: never. */
int64_t irsa_accounts_next_due_ms(const struct irsa_accounts *accounts);

size_t irsa_accounts_ready_count(const struct irsa_accounts *accounts);
/* How many are known, with those that are remembered only. */
size_t irsa_accounts_known(const struct irsa_accounts *accounts);

/* For figures: looks at all of them. */
void irsa_accounts_read(struct irsa_accounts *accounts, struct irsa_accounts_figures *out_figures);

#endif
