/*
 * Dispatch: what may start goes to the executors, and comes back.
 *
 * A few more than there are executors are handed over, so that an executor that becomes free need not wait for the
 * engine's thread.
 */
#include "core/base/arena.h"
#include "core/base/log.h"
#include "worker/engine/engine_state.h"

#define AHEAD_SHARE  8    /* of the executors */
#define ROOM_MS      1000 /* so soon is it looked again whether there is room for a probe */
#define URGENT_EXTRA 2    /* may be handed over beyond that, so that a long chain does not wait for its turn here */

static size_t ahead(unsigned executors) {
    return executors / AHEAD_SHARE + 1;
}

bool irsa_dispatch_may_settle(const struct irsa_engine *engine) {
    const struct irsa_engine_options *options = &engine->options;
    if (engine->phase != IRSA_ENGINE_WORKING || engine->is_halted || irsa_stall_is_on(engine) ||
        irsa_outbox_trouble(engine->outbox) != NULL)
        return false;
    return options->max_requests == 0 ||
           engine->totals.settled + engine->telling + engine->in_flight < options->max_requests;
}

static bool may_start(const struct irsa_engine *engine) {
    const struct irsa_engine_options *options = &engine->options;
    if (!irsa_dispatch_may_settle(engine) || engine->alone != NULL || !irsa_cancelled_are_known(engine))
        return false;
    size_t most = options->executors + ahead(options->executors);
    return engine->in_flight < most + URGENT_EXTRA &&
           (engine->in_flight < most || irsa_scheduler_has_critical(engine->scheduler, options->executors));
}

/* Does it have to run? Else it is settled here. */
static bool has_to_run(struct irsa_engine *engine, struct irsa_task *task) {
    if (task->job.expiry_ms != IRSA_NO_TIME && irsa_clock_now_ms(engine->clock) >= task->job.expiry_ms) {
        irsa_settle_expired(engine, task);
        return false;
    }
    if (irsa_cancelled_has(engine, task)) {
        irsa_settle_cancelled(engine, task);
        return false;
    }
    // what is refused is judged once by its error; when that says to try again, accept() is asked again
    if (task->is_refused && (task->runs == 0 || !irsa_intake_accept(engine, task))) {
        irsa_settle_refused(engine, task);
        return false;
    }
    return true;
}

static void hand_over(struct irsa_engine *engine, struct irsa_task *task, bool is_urgent, struct irsa_link *list) {
    task->is_urgent = is_urgent;
    task->job.attempt = task->attempts + 1;
    task->has_succeeded = false;
    task->partition->running++;
    engine->in_flight++;
    if (task->deaths > 0)
        irsa_suspects_hold(engine, task);
    else
        irsa_list_append(list, &task->of_queue);
}

/* Halted: one job shows whether this process is fit again. */
static void probe(struct irsa_engine *engine, struct irsa_link *list) {
    if (!engine->is_halted || engine->probe != NULL || engine->alone != NULL || engine->phase != IRSA_ENGINE_WORKING ||
        irsa_engine_now_ms(engine) < engine->probe_ms || !irsa_cancelled_are_known(engine))
        return;
    struct irsa_task *task = irsa_scheduler_probe(engine->scheduler);
    if (task == NULL && irsa_scheduler_has_halted(engine->scheduler)) {
        engine->probe_ms = irsa_engine_now_ms(engine) + ROOM_MS; // still unfit, and their clusters are busy
        return;
    }
    if (task == NULL) {
        irsa_engine_resume(engine); // those that met the fault are gone: the next one to start is the probe
        return;
    }
    if (!has_to_run(engine, task))
        return; // it is settled and shows nothing: the next turn takes the next one
    engine->probe = task;
    engine->probe_ms = irsa_engine_now_ms(engine) + engine->options.probe_ms;
    hand_over(engine, task, false, list);
}

void irsa_dispatch(struct irsa_engine *engine) {
    struct irsa_link urgent, others;
    struct irsa_task *task;
    irsa_link_init(&urgent);
    irsa_link_init(&others);
    probe(engine, &others);
    while (may_start(engine) && (task = irsa_scheduler_next(engine->scheduler)) != NULL) {
        bool is_urgent = irsa_scheduler_is_critical(engine->scheduler, task, engine->options.executors);
        if (has_to_run(engine, task))
            hand_over(engine, task, is_urgent, is_urgent ? &urgent : &others);
    }
    irsa_suspects_release(engine, &others);
    if (!irsa_list_is_empty(&urgent) || !irsa_list_is_empty(&others))
        irsa_executors_submit(engine->executors, &urgent, &others);
}

static void come_back(struct irsa_engine *engine, struct irsa_task *task) {
    engine->in_flight--;
    if (engine->alone == task)
        engine->alone = NULL;
    if (task->partition != NULL)
        task->partition->running--;
}

void irsa_dispatch_collect(struct irsa_engine *engine) {
    struct irsa_link finished, *link;
    irsa_link_init(&finished);
    irsa_scheduler_tick(engine->scheduler, irsa_engine_now_ms(engine)); // what comes back is judged by the time it took
    irsa_executors_collect(engine->executors, &finished);
    while ((link = irsa_list_take_first(&finished)) != NULL) {
        struct irsa_task *task = IRSA_OBJECT(link, struct irsa_task, of_queue);
        come_back(engine, task);
        irsa_settle_run(engine, task);
    }
}

static bool is_any(void *self, const struct irsa_task *task) {
    (void)self;
    (void)task;
    return true;
}

void irsa_dispatch_withdraw(struct irsa_engine *engine, irsa_task_test_fn *is_meant, void *self) {
    struct irsa_link taken, *link;
    irsa_link_init(&taken);
    is_meant = is_meant != NULL ? is_meant : is_any;
    irsa_suspects_withdraw(engine, is_meant, self, &taken);
    irsa_executors_withdraw(engine->executors, is_meant, self, &taken);
    while ((link = irsa_list_take_first(&taken)) != NULL) {
        struct irsa_task *task = IRSA_OBJECT(link, struct irsa_task, of_queue);
        come_back(engine, task);
        if (engine->probe == task)
            engine->probe = NULL;
        irsa_scheduler_return(engine->scheduler, task);
    }
}

void irsa_dispatch_cancel_all(struct irsa_engine *engine) {
    engine->has_cancelled_all = true;
    irsa_executors_cancel(engine->executors, is_any, NULL);
}

static bool may_call(const void *holder) {
    const struct irsa_engine *engine = holder;
    return irsa_fence_is_open(&engine->fence, irsa_engine_now_ms(engine));
}

/* On an executor's thread. Of the engine it reads only what never changes, and the fence. */
void irsa_dispatch_run(void *self, struct irsa_task *task, const struct irsa_cancel *cancel) {
    const struct irsa_engine *engine = self;
    struct irsa_job *job = &task->job;
    struct irsa_error err;
    task->run_started_ms = irsa_clock_monotonic_ms(engine->clock);
    if (job->started_ms == IRSA_NO_TIME)
        job->started_ms = irsa_clock_now_ms(engine->clock);
    const struct irsa_run run = {.cancel = cancel,
                                 .clock = engine->clock,
                                 .deadline_ms = task->run_started_ms + engine->options.attempt_deadline_ms,
                                 .may_call = may_call,
                                 .holder = engine};
    irsa_hands_take(engine->options.hands, task->executor + 1, &job->record, IRSA_HAND_RUNS);
    task->has_succeeded = engine->kind.run(engine->kind.self, job, &run, &err);
    irsa_hands_put(engine->options.hands, task->executor + 1);
    if (task->has_succeeded)
        return;
    task->err = IRSA_NEW(job->arena, struct irsa_error);
    *task->err = err;
}

/* --- halt ---------------------------------------------------------------------------------------------------------------- */

void irsa_engine_halt(struct irsa_engine *engine, const struct irsa_error *err) {
    engine->failure = *err;
    if (engine->phase != IRSA_ENGINE_WORKING)
        return;
    int64_t now_ms = irsa_engine_now_ms(engine);
    IRSA_LOG(ERROR, "worker.halted", IRSA_TEXT("code", irsa_code_name(err->code)), IRSA_TEXT("error", err->message),
             IRSA_NUMBER("retry_in_ms", engine->options.probe_ms));
    engine->probe_ms = now_ms + engine->options.probe_ms;
    if (engine->is_halted)
        return;
    engine->is_halted = true;
    engine->halted_since_ms = now_ms;
    irsa_dispatch_withdraw(engine, NULL, NULL);
}

void irsa_engine_resume(struct irsa_engine *engine) {
    engine->is_halted = false;
    engine->failure.code = IRSA_CODE_NONE;
    int64_t duration_ms = irsa_engine_now_ms(engine) - engine->halted_since_ms;
    engine->halted_total_ms += duration_ms;
    irsa_scheduler_resume(engine->scheduler);
    IRSA_LOG(INFO, "worker.resumed", IRSA_NUMBER("halted_ms", duration_ms));
}
