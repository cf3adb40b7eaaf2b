/*
 * Suspects: requests that processes died with. Each runs alone, and after too many deaths not at all.
 */
#include "core/base/arena.h"
#include "core/base/log.h"
#include "worker/engine/engine_state.h"

/*
 * Nothing is tried any more: it is settled like what accept() refuses. Its key and its names are known from accept(), unless
 * it was that which killed.
 */
static void refuse(struct irsa_engine *engine, struct irsa_task *task, bool may_be_read) {
    const struct irsa_record *record = &task->job.record;
    if (may_be_read && !irsa_intake_accept(engine, task))
        return;
    task->is_refused = true;
    task->attempts = task->deaths - 1; // each of them was one
    task->err = IRSA_NEW(task->job.arena, struct irsa_error);
    IRSA_FAIL(task->err, INTERNAL, "%u times the worker died while it had this request in hand", task->deaths);
    IRSA_LOG(ERROR, "request.poisoned", IRSA_NUMBER("partition", record->partition),
             IRSA_NUMBER("offset", record->offset), IRSA_NUMBER("deaths", task->deaths));
}

void irsa_suspects_look_up(struct irsa_engine *engine, struct irsa_task *task) {
    bool may_be_read;
    task->deaths = irsa_hands_deaths(engine->options.hands, &task->job.record, &may_be_read);
    if (task->deaths >= IRSA_DEATHS_MAX)
        refuse(engine, task, may_be_read);
    else
        irsa_intake_accept(engine, task);
}

void irsa_suspects_hold(struct irsa_engine *engine, struct irsa_task *task) {
    engine->alone = task;
    irsa_list_append(&engine->held, &task->of_queue);
}

void irsa_suspects_release(struct irsa_engine *engine, struct irsa_link *list) {
    if (irsa_list_is_empty(&engine->held) || engine->in_flight > 1)
        return;
    const struct irsa_record *record = &engine->alone->job.record;
    IRSA_LOG(WARN, "request.suspected", IRSA_NUMBER("partition", record->partition),
             IRSA_NUMBER("offset", record->offset), IRSA_NUMBER("deaths", engine->alone->deaths),
             IRSA_TEXT("meaning", "it runs alone, to see whether it is what kills the worker"));
    irsa_list_append_all(list, &engine->held);
}

void irsa_suspects_withdraw(struct irsa_engine *engine, irsa_task_test_fn *is_meant, void *self,
                            struct irsa_link *list) {
    if (!irsa_list_is_empty(&engine->held) && is_meant(self, engine->alone))
        irsa_list_append_all(list, &engine->held);
}

/* What was not tried is remembered: were it to come again before its offset is committed, it would kill again. */
void irsa_suspects_clear(struct irsa_engine *engine, const struct irsa_task *task) {
    if (task->deaths > 0 && task->deaths < IRSA_DEATHS_MAX)
        irsa_hands_clear(engine->options.hands, &task->job.record);
}
