/*
 * Account: one of them, for accounts.c (whose turn it is) and account.c (its limits, and what is told of it).
 */
#ifndef IRSA_ENGINE_ACCOUNT_H
#define IRSA_ENGINE_ACCOUNT_H

#include "worker/engine/accounts.h"
#include "worker/engine/pace.h"
#include "worker/engine/ready.h"

enum irsa_account_place {
    IRSA_ACCOUNT_ABSENT, /* has nothing ready */
    IRSA_ACCOUNT_BELOW,  /* takes turns */
    IRSA_ACCOUNT_ABOVE,  /* has its half of the executors: goes on when it is the only one to wait */
    IRSA_ACCOUNT_HELD,   /* by a pace, until its timer or a task that ends */
};

/* It lives while a task is enrolled with it, or while it is limited: then in the list of the idle ones for a while. */
struct irsa_account {
    char *name; /* NULL: that of jobs without an account */
    struct irsa_ready ready;
    enum irsa_account_place place;
    struct irsa_link of_ring; /* one of the rings, or the idle ones */
    size_t enrolled;
    unsigned running;
    struct irsa_pace paces[IRSA_ACCOUNT_PACES];
    uint64_t throttled[IRSA_ACCOUNT_PACES];
    struct irsa_timer timer; /* HELD */
    int64_t held_since_ms, held_ms;
    int64_t idle_since_ms;
};

struct irsa_accounts {
    unsigned executors;
    int64_t now_ms;
    struct irsa_map *map; /* by name, without `nobody` */
    struct irsa_account nobody;
    struct irsa_link below, above; /* who has been waiting longest for a turn comes first */
    struct irsa_link idle;         /* the longest idle one first */
    size_t idle_count;
    size_t ready_count;
    struct irsa_timers timers;
};

/* Bring its paces up to now. */
void irsa_account_move(const struct irsa_accounts *accounts, struct irsa_account *account);

/* When its paces let another task start if nothing else happens. */
int64_t irsa_account_start_ms(const struct irsa_accounts *accounts, struct irsa_account *account);

bool irsa_account_is_limited(const struct irsa_account *account);

/* A task starts; it has run, or has been taken back. */
void irsa_account_charge(struct irsa_account *account, struct irsa_task *task);
void irsa_account_learn(const struct irsa_accounts *accounts, struct irsa_account *account,
                        const struct irsa_task *task, bool has_run);

#endif
