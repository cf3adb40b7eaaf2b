/*
 * What is cancelled ends without being begun, or tried again; what runs goes on.
 *
 * Until the control topic has been read to its end nothing is begun at all. One that is missing, or must not be read, is a
 * fault of this process's settings: it halts.
 */
#include "worker/engine/engine_state.h"

bool irsa_cancelled_are_known(const struct irsa_engine *engine) {
    return engine->listener == NULL || engine->hearing == IRSA_LISTENER_HEARING;
}

bool irsa_cancelled_has(const struct irsa_engine *engine, const struct irsa_task *task) {
    const struct irsa_job *job = &task->job;
    const struct irsa_cancel_names names = {
        .id = job->id, .source = job->source, .batch = job->batch, .enqueued_ms = job->record.timestamp_ms};
    return engine->listener != NULL && irsa_listener_covers(engine->listener, &names);
}

static bool is_cancelled(void *self, const struct irsa_task *task) {
    return irsa_cancelled_has(self, task);
}

/* Is it the first one of its key, and nobody's to settle but ours? The others come to it when their turn does. */
static bool is_open(const struct irsa_task *task) {
    bool is_first =
        task->state == IRSA_TASK_READY || task->state == IRSA_TASK_PARKED || task->state == IRSA_TASK_POSTPONED;
    return is_first && task->partition != NULL && !task->partition->is_revoking;
}

/* In the order of taking, so that those of a key follow each other. */
static void settle_waiting(struct irsa_engine *engine) {
    struct irsa_link *next;
    for (struct irsa_link *link = engine->all_tasks.next; link != &engine->all_tasks; link = next) {
        struct irsa_task *task = IRSA_OBJECT(link, struct irsa_task, of_engine);
        next = link->next;
        if (!irsa_dispatch_may_settle(engine))
            return;
        if (is_open(task) && irsa_cancelled_has(engine, task))
            irsa_settle_cancelled(engine, task);
    }
}

/* What else may keep this process from working shows itself with the next request. */
static void try_again(struct irsa_engine *engine) {
    if (engine->is_halted)
        engine->probe_ms = irsa_engine_now_ms(engine);
}

void irsa_cancelled_serve(struct irsa_engine *engine) {
    struct irsa_error why;
    enum irsa_listener_state before = engine->hearing;
    engine->hearing = irsa_listener_look(engine->listener, &why);
    if (engine->hearing == IRSA_LISTENER_DEAF)
        irsa_engine_halt(engine, &why);
    else if (before == IRSA_LISTENER_DEAF)
        try_again(engine);
    if (!irsa_cancelled_are_known(engine) || !irsa_listener_has_words(engine->listener))
        return;
    irsa_dispatch_withdraw(engine, is_cancelled, engine);
    settle_waiting(engine);
}
