/*
 * The limits of one account, and the figures of those of whom there is most to tell.
 */
#include "worker/engine/account.h"

#include <stdio.h>

#include "core/base/log.h"
#include "core/base/map.h"

static const char *const CLASSES[IRSA_ACCOUNT_PACES] = {[IRSA_BURDEN_READS] = "read", [IRSA_BURDEN_WRITES] = "write"};

void irsa_account_move(const struct irsa_accounts *accounts, struct irsa_account *account) {
    for (size_t i = 0; i < IRSA_ACCOUNT_PACES; i++)
        irsa_pace_move(&account->paces[i], accounts->executors, accounts->now_ms);
}

int64_t irsa_account_start_ms(const struct irsa_accounts *accounts, struct irsa_account *account) {
    int64_t latest_ms = INT64_MIN;
    irsa_account_move(accounts, account);
    for (size_t i = 0; i < IRSA_ACCOUNT_PACES; i++) {
        int64_t start_ms = irsa_pace_start_ms(&account->paces[i], account->running);
        latest_ms = start_ms > latest_ms ? start_ms : latest_ms;
    }
    return latest_ms;
}

bool irsa_account_is_limited(const struct irsa_account *account) {
    return account->paces[IRSA_BURDEN_READS].is_limited || account->paces[IRSA_BURDEN_WRITES].is_limited;
}

void irsa_account_charge(struct irsa_account *account, struct irsa_task *task) {
    for (size_t i = 0; i < IRSA_ACCOUNT_PACES; i++)
        task->prices[i] = irsa_pace_charge(&account->paces[i]);
}

void irsa_account_learn(const struct irsa_accounts *accounts, struct irsa_account *account,
                        const struct irsa_task *task, bool has_run) {
    irsa_account_move(accounts, account);
    for (size_t i = 0; i < IRSA_ACCOUNT_PACES; i++) {
        struct irsa_pace *pace = &account->paces[i];
        bool was_limited = pace->is_limited;
        const struct irsa_pace_report report = {.usage = task->job.usage[i],
                                                .price = task->prices[i],
                                                .has_run = has_run,
                                                .started_ms = task->run_started_ms,
                                                .running = account->running};
        irsa_pace_report(pace, &report, accounts->now_ms);
        account->throttled[i] += report.usage.throttled;
        if (pace->is_limited && !was_limited)
            IRSA_LOG(WARN, "account.throttled", IRSA_TEXT("account", account->name), IRSA_TEXT("class", CLASSES[i]),
                     IRSA_NUMBER("calls_per_minute", (int64_t)(pace->rate * 60)),
                     IRSA_NUMBER("at_a_time", (int64_t)pace->window),
                     IRSA_NUMBER("waiting", (int64_t)account->enrolled));
    }
}

/* --- figures ------------------------------------------------------------------------------------------------------------- */

static void describe(const struct irsa_accounts *accounts, struct irsa_account *account,
                     struct irsa_account_figures *out_figures) {
    bool is_held = account->place == IRSA_ACCOUNT_HELD;
    irsa_account_move(accounts, account);
    *out_figures = (struct irsa_account_figures){.in_flight = account->running,
                                                 .waiting = account->enrolled - account->running,
                                                 .held_ms = account->held_ms +
                                                            (is_held ? accounts->now_ms - account->held_since_ms : 0)};
    snprintf(out_figures->account, sizeof out_figures->account, "%s", account->name);
    for (size_t i = 0; i < IRSA_ACCOUNT_PACES; i++)
        out_figures->limits[i] = (struct irsa_account_limit){.is_set = account->paces[i].is_limited,
                                                             .rate = account->paces[i].rate,
                                                             .window = account->paces[i].window,
                                                             .throttled = account->throttled[i]};
}

static bool is_limited(const struct irsa_account_figures *figures) {
    return figures->limits[IRSA_BURDEN_READS].is_set || figures->limits[IRSA_BURDEN_WRITES].is_set;
}

static bool comes_before(const struct irsa_account_figures *a, const struct irsa_account_figures *b) {
    if (is_limited(a) != is_limited(b))
        return is_limited(a);
    return a->waiting + a->in_flight > b->waiting + b->in_flight;
}

static void add_to_rest(struct irsa_account_figures *rest, const struct irsa_account_figures *one) {
    rest->in_flight += one->in_flight;
    rest->waiting += one->waiting;
}

/* In its place among those that are shown; who falls out at the end is one of the rest. */
static void insert(struct irsa_accounts_figures *figures, const struct irsa_account_figures *one) {
    size_t at = figures->count;
    while (at > 0 && comes_before(one, &figures->at[at - 1]))
        at--;
    if (at == IRSA_ACCOUNTS_SHOWN) {
        add_to_rest(&figures->rest, one);
        return;
    }
    if (figures->count == IRSA_ACCOUNTS_SHOWN)
        add_to_rest(&figures->rest, &figures->at[--figures->count]);
    for (size_t i = figures->count++; i > at; i--)
        figures->at[i] = figures->at[i - 1];
    figures->at[at] = *one;
}

void irsa_accounts_read(struct irsa_accounts *accounts, struct irsa_accounts_figures *out_figures) {
    size_t cursor = 0, name_length;
    const void *name;
    void *account;
    out_figures->count = 0;
    out_figures->rest = (struct irsa_account_figures){.in_flight = 0};
    while (irsa_map_next(accounts->map, &cursor, &name, &name_length, &account)) {
        struct irsa_account_figures one;
        describe(accounts, account, &one);
        insert(out_figures, &one);
    }
}
