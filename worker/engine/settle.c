/*
 * Outcome -> records -> acknowledgement -> frontier.
 */
#include "worker/engine/settle.h"

#include "core/base/arena.h"
#include "core/kafka/record.h"
#include "worker/engine/engine_state.h"

/* --- the judgement ------------------------------------------------------------------------------------------------------- */

static int64_t draw_delay(const struct irsa_retry_policy *policy, const struct irsa_attempt_facts *facts) {
    int64_t most = policy->base_ms;
    for (unsigned run = 1; run < facts->runs && most < policy->cap_ms; run++)
        most *= 2;
    if (most > policy->cap_ms)
        most = policy->cap_ms;
    int64_t delay = 1 + (int64_t)(facts->random % (uint32_t)most);
    return delay > facts->err->retry_after_ms ? delay : facts->err->retry_after_ms;
}

static struct irsa_verdict judge_retry(const struct irsa_retry_policy *policy, const struct irsa_attempt_facts *facts) {
    enum irsa_code code = facts->err->code;
    struct irsa_verdict verdict = {.kind = IRSA_VERDICT_RETRY,
                                   .counts = code != IRSA_CODE_THROTTLED && code != IRSA_CODE_CLUSTER_NOT_READY,
                                   .delay_ms = draw_delay(policy, facts)};
    bool has_attempts = !verdict.counts || facts->attempts + 1 < policy->max_attempts;
    if (!has_attempts || facts->elapsed_ms + verdict.delay_ms > policy->window_ms)
        verdict.kind = IRSA_VERDICT_FAIL;
    return verdict;
}

struct irsa_verdict irsa_settle_judge(const struct irsa_retry_policy *policy, const struct irsa_attempt_facts *facts) {
    enum irsa_code code = facts->err->code;
    switch (irsa_code_fate(code)) {
    case IRSA_FATE_RETRY:
        return judge_retry(policy, facts);
    case IRSA_FATE_HALT:
        return (struct irsa_verdict){.kind = IRSA_VERDICT_HALT};
    case IRSA_FATE_REJECT:
        break;
    }
    bool is_denied = code == IRSA_CODE_GUARDRAIL || code == IRSA_CODE_UNSIGNED;
    return (struct irsa_verdict){.kind = is_denied ? IRSA_VERDICT_DENY : IRSA_VERDICT_FAIL, .counts = true};
}

#define MESSAGE_BYTES 1024 /* what the producer needs beside a record's own bytes, with ten headers */

/* --- carrying it out ----------------------------------------------------------------------------------------------------- */

/* xorshift64*: jitter needs no more. */
static uint32_t draw(struct irsa_engine *engine) {
    uint64_t x = engine->random_state;
    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    engine->random_state = x;
    return (uint32_t)((x * UINT64_C(0x2545F4914F6CDD1D)) >> 32);
}

/* Everything is told and acknowledged. */
static void complete(struct irsa_engine *engine, struct irsa_task *task) {
    struct irsa_partition *partition = task->partition;
    if (partition != NULL && task->epoch == partition->epoch) {
        irsa_frontier_settle(&partition->frontier, task->job.record.offset);
        if (partition->pending_end >= 0 && irsa_frontier_end(&partition->frontier, partition->pending_end))
            partition->pending_end = -1;
        irsa_commit_note(engine, partition);
    }
    if (task->is_told) {
        engine->telling--;
        engine->totals.settled++;
        engine->last_settled_ms = irsa_engine_now_ms(engine);
        irsa_suspects_clear(engine, task);
    }
    irsa_tasks_release(engine, task);
}

/* Have the job write the ending down, and hand its records over. */
static void tell(struct irsa_engine *engine, struct irsa_task *task, struct irsa_ending ending) {
    struct irsa_report report = {.count = 0};
    ending.finished_ms = irsa_clock_now_ms(engine->clock);
    if (ending.next_retry_ms != IRSA_NO_TIME)
        ending.next_retry_ms += ending.finished_ms;
    irsa_hands_take(engine->options.hands, 0, &task->job.record, IRSA_HAND_REPORTS);
    engine->kind.report(engine->kind.self, &task->job, &ending, &report);
    irsa_hands_put(engine->options.hands, 0);
    for (size_t i = 0; i < report.count; i++)
        task->told_bytes += MESSAGE_BYTES + irsa_record_bytes(&report.records[i]);
    irsa_outbox_put(engine->outbox, task, &report);
    irsa_tasks_weigh(engine, task);
}

/* The key is free as soon as the records are in the outbox, which keeps their order. */
static void tell_final(struct irsa_engine *engine, struct irsa_task *task, enum irsa_outcome outcome,
                       const struct irsa_error *err) {
    tell(engine, task, (struct irsa_ending){.outcome = outcome, .err = err, .next_retry_ms = IRSA_NO_TIME});
    task->is_final = true;
    task->is_told = true;
    engine->telling++;
    irsa_scheduler_finish(engine->scheduler, task);
    if (task->outstanding == 0)
        complete(engine, task);
}

static void try_again(struct irsa_engine *engine, struct irsa_task *task, const struct irsa_verdict *verdict) {
    tell(engine, task,
         (struct irsa_ending){.outcome = IRSA_OUTCOME_RETRYING, .err = task->err, .next_retry_ms = verdict->delay_ms});
    engine->totals.retried++;
    irsa_scheduler_postpone(engine->scheduler, task, irsa_engine_now_ms(engine) + verdict->delay_ms);
}

static int64_t halted_total_ms(const struct irsa_engine *engine) {
    int64_t current = engine->is_halted ? irsa_engine_now_ms(engine) - engine->halted_since_ms : 0;
    return engine->halted_total_ms + current;
}

static int64_t elapsed_ms(const struct irsa_engine *engine, struct irsa_task *task) {
    if (task->first_ran_ms == IRSA_NO_TIME) {
        task->first_ran_ms = task->run_started_ms;
        task->halted_before_ms = halted_total_ms(engine);
    }
    return irsa_engine_now_ms(engine) - task->first_ran_ms - (halted_total_ms(engine) - task->halted_before_ms);
}

/* Nobody waits here for another try: the next one to have the partition makes it. */
static bool is_leaving(const struct irsa_engine *engine, const struct irsa_task *task) {
    return engine->phase != IRSA_ENGINE_WORKING || task->partition->is_revoking;
}

static void settle_failure(struct irsa_engine *engine, struct irsa_task *task) {
    const struct irsa_engine_options *options = &engine->options;
    const struct irsa_retry_policy policy = {.max_attempts = options->max_attempts,
                                             .window_ms = options->retry_window_ms,
                                             .base_ms = options->retry_base_ms,
                                             .cap_ms = options->retry_cap_ms};
    const struct irsa_attempt_facts facts = {.err = task->err,
                                             .attempts = task->attempts,
                                             .runs = ++task->runs,
                                             .elapsed_ms = elapsed_ms(engine, task),
                                             .random = draw(engine)};
    const struct irsa_verdict verdict = irsa_settle_judge(&policy, &facts);
    task->attempts += verdict.counts;
    switch (verdict.kind) {
    case IRSA_VERDICT_FAIL:
        tell_final(engine, task, IRSA_OUTCOME_FAILED, task->err);
        break;
    case IRSA_VERDICT_DENY:
        tell_final(engine, task, IRSA_OUTCOME_DENIED, task->err);
        break;
    case IRSA_VERDICT_RETRY:
        if (is_leaving(engine, task))
            irsa_settle_drop(engine, task);
        else
            try_again(engine, task, &verdict);
        break;
    case IRSA_VERDICT_HALT:
        irsa_engine_halt(engine, task->err); // before the task goes, and its error with it
        if (is_leaving(engine, task))
            irsa_settle_drop(engine, task);
        else
            irsa_scheduler_halt(engine->scheduler, task);
        break;
    }
}

/* Was it told to stop, so that its failure says nothing? Or has somebody else the partition? */
static bool is_void(const struct irsa_engine *engine, const struct irsa_task *task) {
    if (task->partition == NULL || task->partition->is_lost || engine->phase == IRSA_ENGINE_ABANDONING)
        return true;
    return !task->has_succeeded && (task->partition->is_cancelled || engine->has_cancelled_all);
}

void irsa_settle_run(struct irsa_engine *engine, struct irsa_task *task) {
    bool is_probe = engine->probe == task;
    if (is_probe)
        engine->probe = NULL;
    irsa_scheduler_relieve(engine->scheduler, task);
    if (is_void(engine, task)) {
        irsa_settle_drop(engine, task);
        return;
    }
    if (is_probe && (task->has_succeeded || irsa_code_fate(task->err->code) != IRSA_FATE_HALT))
        irsa_engine_resume(engine);
    if (task->has_succeeded)
        tell_final(engine, task, IRSA_OUTCOME_SUCCEEDED, NULL);
    else
        settle_failure(engine, task);
}

void irsa_settle_refused(struct irsa_engine *engine, struct irsa_task *task) {
    irsa_scheduler_spare(engine->scheduler, task);
    task->job.attempt = task->attempts + 1;
    task->run_started_ms = irsa_engine_now_ms(engine);
    settle_failure(engine, task);
}

void irsa_settle_expired(struct irsa_engine *engine, struct irsa_task *task) {
    irsa_scheduler_spare(engine->scheduler, task);
    tell_final(engine, task, IRSA_OUTCOME_EXPIRED, NULL);
}

void irsa_settle_cancelled(struct irsa_engine *engine, struct irsa_task *task) {
    if (task->state == IRSA_TASK_RUNNING)
        irsa_scheduler_spare(engine->scheduler, task);
    tell_final(engine, task, IRSA_OUTCOME_CANCELLED, NULL);
}

void irsa_settle_drop(struct irsa_engine *engine, struct irsa_task *task) {
    if (task->state == IRSA_TASK_RUNNING)
        irsa_scheduler_spare(engine->scheduler, task);
    if (task->state != IRSA_TASK_SETTLED && task->state != IRSA_TASK_NEW)
        irsa_scheduler_finish(engine->scheduler, task);
    irsa_list_remove(&task->of_partition);
    task->partition = NULL;
    task->is_final = true;
    if (task->outstanding == 0)
        complete(engine, task);
}

void irsa_settle_acknowledged(void *self, struct irsa_task *task) {
    if (task->is_final && task->outstanding == 0)
        complete(self, task);
}
