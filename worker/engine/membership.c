/*
 * Membership of the group: who gets no partitions for too long joins anew.
 *
 * A request to join is answered when all members have joined, so librdkafka waits for the answer as long as a member may take
 * (max.poll.interval.ms, five minutes). A coordinator may have lost the request meanwhile, and a connection may have died
 * without a word; then nothing comes. To subscribe anew does not help, as librdkafka first waits for that very answer. A new
 * client asks on a new connection.
 */
#include "core/base/log.h"
#include "worker/engine/engine_state.h"

#define REACH_MS 5000

bool irsa_membership_open(struct irsa_engine *engine, struct irsa_error *err) {
    const struct irsa_consumer_options options = {
        .kafka = engine->options.kafka, .topic = engine->options.topic, .events = irsa_rebalance_events(engine)};
    engine->consumer = irsa_consumer_open(&options, err);
    if (engine->consumer == NULL)
        return false;
    irsa_engine_watch(engine, irsa_consumer_fd(engine->consumer), IRSA_SOURCE_CONSUMER);
    irsa_fence_init(&engine->fence, irsa_consumer_session_ms(engine->consumer) / 2, irsa_engine_now_ms(engine));
    irsa_membership_await(engine);
    return true;
}

void irsa_membership_await(struct irsa_engine *engine) {
    engine->joining_ms = irsa_engine_now_ms(engine);
}

void irsa_membership_met(struct irsa_engine *engine) {
    engine->joining_ms = 0;
    engine->renewals = 0;
}

/* There are no partitions, so nothing is given up. Answers to commits that are still waited for do not come any more. */
static void renew(struct irsa_engine *engine) {
    struct irsa_error err;
    irsa_consumer_close(engine->consumer, false);
    engine->commits_in_flight = 0;
    if (!irsa_membership_open(engine, &err))
        irsa_engine_fail(engine, &err);
}

void irsa_membership_serve(struct irsa_engine *engine) {
    struct irsa_error err;
    if (engine->joining_ms == 0 || engine->phase != IRSA_ENGINE_WORKING ||
        irsa_engine_now_ms(engine) - engine->joining_ms < engine->options.rejoin_ms)
        return;
    bool is_reachable = irsa_consumer_reach(engine->consumer, REACH_MS, &err);
    irsa_membership_await(engine);
    if (!is_reachable)
        return; // it is not for the group that we wait
    engine->renewals++;
    IRSA_LOG(WARN, "consumer.renewed", IRSA_TEXT("why", "no partitions were assigned although brokers answer"),
             IRSA_NUMBER("waited_ms", engine->options.rejoin_ms), IRSA_NUMBER("times", engine->renewals));
    renew(engine);
}
