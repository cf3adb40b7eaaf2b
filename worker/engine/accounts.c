/*
 * Two rings of accounts that have ready tasks: those below their half of the executors, and those that have it.
 */
#include "worker/engine/accounts.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/log.h"
#include "core/base/map.h"
#include "worker/engine/account.h"

static struct irsa_account *account_of(struct irsa_link *of_ring) {
    return IRSA_OBJECT(of_ring, struct irsa_account, of_ring);
}

static void init_account(struct irsa_account *account, const char *name) {
    *account = (struct irsa_account){.name = name != NULL ? irsa_new_copy(name) : NULL};
    irsa_ready_init(&account->ready);
    irsa_link_init(&account->of_ring);
}

struct irsa_accounts *irsa_accounts_new(unsigned executors) {
    struct irsa_accounts *accounts = irsa_new(sizeof *accounts);
    accounts->executors = executors;
    accounts->map = irsa_map_new();
    init_account(&accounts->nobody, NULL);
    irsa_link_init(&accounts->below);
    irsa_link_init(&accounts->above);
    irsa_link_init(&accounts->idle);
    return accounts;
}

/* --- who is known -------------------------------------------------------------------------------------------------------- */

/* In no ring any more. */
static void forget(struct irsa_accounts *accounts, struct irsa_account *account) {
    irsa_map_remove(accounts->map, account->name, strlen(account->name));
    free(account->name);
    free(account);
}

static void forget_longest_idle(struct irsa_accounts *accounts) {
    forget(accounts, account_of(irsa_list_take_first(&accounts->idle)));
    accounts->idle_count--;
}

void irsa_accounts_free(struct irsa_accounts *accounts) {
    if (accounts == NULL)
        return;
    while (accounts->idle_count > 0)
        forget_longest_idle(accounts);
    assert(irsa_map_count(accounts->map) == 0);
    irsa_map_free(accounts->map, NULL);
    irsa_timers_done(&accounts->timers);
    free(accounts);
}

static struct irsa_account *find(struct irsa_accounts *accounts, const char *name) {
    if (name == NULL)
        return &accounts->nobody;
    struct irsa_account *account = irsa_map_find(accounts->map, name, strlen(name));
    if (account == NULL) {
        account = irsa_new(sizeof *account);
        init_account(account, name);
        irsa_map_put(accounts->map, name, strlen(name), account);
    } else if (account->enrolled == 0) {
        irsa_list_remove(&account->of_ring);
        accounts->idle_count--;
    }
    return account;
}

void irsa_accounts_enrol(struct irsa_accounts *accounts, struct irsa_task *task) {
    task->account = find(accounts, task->job.account);
    task->account->enrolled++;
}

/* What is known of its limits is worth something when it comes back soon. */
static void keep(struct irsa_accounts *accounts, struct irsa_account *account) {
    account->idle_since_ms = accounts->now_ms;
    irsa_list_append(&accounts->idle, &account->of_ring);
    if (++accounts->idle_count > IRSA_ACCOUNTS_KEPT)
        forget_longest_idle(accounts);
}

void irsa_accounts_leave(struct irsa_accounts *accounts, struct irsa_task *task) {
    struct irsa_account *account = task->account;
    task->account = NULL;
    if (--account->enrolled > 0 || account->name == NULL)
        return;
    irsa_account_move(accounts, account);
    irsa_list_remove(&account->of_ring);
    if (irsa_account_is_limited(account))
        keep(accounts, account);
    else
        forget(accounts, account);
}

/* --- whose turn it is ---------------------------------------------------------------------------------------------------- */

static unsigned half(const struct irsa_accounts *accounts) {
    return (accounts->executors + 1) / 2;
}

static enum irsa_account_place judge(struct irsa_accounts *accounts, struct irsa_account *account) {
    if (account->ready.count == 0)
        return IRSA_ACCOUNT_ABSENT;
    if (account->name == NULL)
        return IRSA_ACCOUNT_BELOW;
    if (irsa_account_start_ms(accounts, account) > accounts->now_ms)
        return IRSA_ACCOUNT_HELD;
    return account->running < half(accounts) ? IRSA_ACCOUNT_BELOW : IRSA_ACCOUNT_ABOVE;
}

static void put(struct irsa_accounts *accounts, struct irsa_account *account, enum irsa_account_place place) {
    if (account->place == IRSA_ACCOUNT_HELD && place != IRSA_ACCOUNT_HELD)
        account->held_ms += accounts->now_ms - account->held_since_ms;
    if (account->place != IRSA_ACCOUNT_HELD && place == IRSA_ACCOUNT_HELD)
        account->held_since_ms = accounts->now_ms;
    account->place = place;
    irsa_list_remove(&account->of_ring);
    if (place == IRSA_ACCOUNT_BELOW)
        irsa_list_append(&accounts->below, &account->of_ring);
    else if (place == IRSA_ACCOUNT_ABOVE)
        irsa_list_append(&accounts->above, &account->of_ring);
}

/* Something has changed for it. */
static void place(struct irsa_accounts *accounts, struct irsa_account *account, bool has_had_turn) {
    enum irsa_account_place place = judge(accounts, account);
    if (place == IRSA_ACCOUNT_HELD)
        irsa_timers_set(&accounts->timers, &account->timer, irsa_account_start_ms(accounts, account));
    else
        irsa_timers_clear(&accounts->timers, &account->timer);
    if (place != account->place || has_had_turn)
        put(accounts, account, place);
}

void irsa_accounts_ready(struct irsa_accounts *accounts, struct irsa_task *task) {
    struct irsa_account *account = task->account;
    irsa_ready_add(&account->ready, task);
    accounts->ready_count++;
    if (account->ready.count == 1)
        place(accounts, account, false);
}

void irsa_accounts_unready(struct irsa_accounts *accounts, struct irsa_task *task) {
    struct irsa_account *account = task->account;
    irsa_ready_remove(&account->ready, task);
    accounts->ready_count--;
    if (account->ready.count == 0)
        place(accounts, account, false);
}

/* Who has his half waits while anybody else does. */
static struct irsa_account *first_in_turn(const struct irsa_accounts *accounts) {
    if (!irsa_list_is_empty(&accounts->below))
        return account_of(accounts->below.next);
    const struct irsa_link *above = &accounts->above;
    return !irsa_list_is_empty(above) && above->next == above->previous ? account_of(above->next) : NULL;
}

struct irsa_task *irsa_accounts_next(struct irsa_accounts *accounts) {
    struct irsa_account *account = first_in_turn(accounts);
    if (account == NULL)
        return NULL;
    struct irsa_task *task = irsa_ready_take(&account->ready);
    accounts->ready_count--;
    if (account->ready.count == 0)
        place(accounts, account, false);
    return task;
}

const struct irsa_task *irsa_accounts_peek(const struct irsa_accounts *accounts) {
    const struct irsa_account *account = first_in_turn(accounts);
    return account != NULL ? irsa_ready_top(&account->ready) : NULL;
}

bool irsa_accounts_has_room(struct irsa_accounts *accounts, const struct irsa_task *task) {
    return task->account->name == NULL || irsa_account_start_ms(accounts, task->account) <= accounts->now_ms;
}

void irsa_accounts_start(struct irsa_accounts *accounts, struct irsa_task *task) {
    struct irsa_account *account = task->account;
    account->running++;
    irsa_account_charge(account, task);
    place(accounts, account, true);
}

void irsa_accounts_relieve(struct irsa_accounts *accounts, struct irsa_task *task, bool has_run) {
    struct irsa_account *account = task->account;
    if (account->name != NULL)
        irsa_account_learn(accounts, account, task, has_run);
    account->running--;
    place(accounts, account, false);
}

/* --- time ---------------------------------------------------------------------------------------------------------------- */

void irsa_accounts_tick(struct irsa_accounts *accounts, int64_t now_ms) {
    struct irsa_timer *timer;
    accounts->now_ms = now_ms;
    while ((timer = irsa_timers_take_due(&accounts->timers, now_ms)) != NULL)
        place(accounts, IRSA_OBJECT(timer, struct irsa_account, timer), false);
    // NOLINTNEXTLINE(clang-analyzer-unix.Malloc): it is not followed that an account has left its ring before it is freed
    while (accounts->idle_count > 0 && account_of(accounts->idle.next)->idle_since_ms + IRSA_ACCOUNT_KEPT_MS <= now_ms)
        forget_longest_idle(accounts);
}

int64_t irsa_accounts_next_due_ms(const struct irsa_accounts *accounts) {
    return irsa_timers_next_ms(&accounts->timers);
}

size_t irsa_accounts_ready_count(const struct irsa_accounts *accounts) {
    return accounts->ready_count;
}

size_t irsa_accounts_known(const struct irsa_accounts *accounts) {
    return irsa_map_count(accounts->map);
}
