/*
 * wait: the outcomes of requests that were enqueued before.
 */
#include <stdio.h>

#include "core/base/arena.h"
#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/contract/fields.h"
#include "core/contract/names.h"
#include "core/contract/topics.h"
#include "producer/await.h"
#include "producer/commands.h"
#include "producer/interrupt.h"
#include "producer/send.h"
#include "producer/since.h"
#include "producer/terminal.h"
#include "producer/topic_read.h"

#define CLOCK_SKEW_MS 300000 /* between the one who made an id and the broker */

struct waiting {
    const struct irsa_session *session;
    const char *requests_topic;
    const char *results_topic;
    int64_t since_ms; /* IRSA_NO_TIME: from the beginning */
    struct irsa_await await;
};

/* Nothing can have been said of a request before its id was made. */
static int64_t earliest_time(const struct irsa_arguments *arguments) {
    int64_t earliest = arguments->batch != NULL ? irsa_time_of_id(arguments->batch) : INT64_MAX;
    for (size_t i = 0; i < arguments->operands.count; i++) {
        int64_t time_ms = irsa_time_of_id(arguments->operands.at[i]);
        if (time_ms < earliest)
            earliest = time_ms; /* IRSA_NO_TIME is the least of all */
    }
    return earliest == IRSA_NO_TIME ? IRSA_NO_TIME : earliest - CLOCK_SKEW_MS;
}

/* What cannot be an id would be waited for to the end: "irsactl wait "$ID"" with nothing in ID. */
static bool check_ids(const struct irsa_strings *ids, struct irsa_error *err) {
    for (size_t i = 0; i < ids->count; i++) {
        const char *problem = irsa_rule_event_id(ids->at[i]);
        if (problem == NULL)
            continue;
        irsa_error_set_rule(err, ids->at[i], problem);
        return irsa_error_wrap(err, "the id of a request");
    }
    return true;
}

static bool check_arguments(struct waiting *waiting, struct irsa_error *err) {
    const struct irsa_arguments *arguments = waiting->session->arguments;
    if (arguments->batch == NULL && arguments->operands.count == 0)
        return IRSA_FAIL(err, INVALID, "wait for what? Give the ids of requests, or --batch");
    if (arguments->batch != NULL && arguments->operands.count > 0)
        return IRSA_FAIL(err, INVALID, "give the ids of requests or --batch, not both");
    if (!check_ids(&arguments->operands, err))
        return false;
    if (!irsa_since_parse(arguments->since, irsa_clock_now_ms(irsa_clock_system()), &waiting->since_ms, err))
        return false;
    if (waiting->since_ms == IRSA_NO_TIME)
        waiting->since_ms = earliest_time(arguments);
    return irsa_session_has_broker(waiting->session, err);
}

static enum irsa_reader_start start_of(const struct waiting *waiting) {
    return waiting->since_ms == IRSA_NO_TIME ? IRSA_READER_BEGINNING : IRSA_READER_TIME;
}

static bool open_watch(struct waiting *waiting, struct irsa_error *err) {
    const struct irsa_session *session = waiting->session;
    const struct irsa_watch_options options = {
        .kafka = session->kafka,
        .topic = waiting->results_topic,
        .correlation_id = session->arguments->batch,
        .start = start_of(waiting),
        .since_ms = waiting->since_ms,
        .timeout_ms = (int)session->settings.broker_timeout_ms,
        .settled = irsa_await_settled,
        .self = &waiting->await,
    };
    waiting->await.watch = irsa_watch_open(&options, err);
    if (waiting->await.watch == NULL)
        return irsa_broker_explain(session, options.topic, err);
    irsa_interrupt_catch();
    return true;
}

/* Expect the request in a record of the requests' topic when it is of the batch. */
static bool expect_record(void *self, struct irsa_arena *arena, const struct irsa_record *record,
                          struct irsa_error *err) {
    struct waiting *waiting = self;
    struct irsa_event event;
    struct irsa_error unread;
    if (!irsa_event_decode(arena, record, &event, &unread) ||
        !irsa_text_equal(event.correlation_id, waiting->session->arguments->batch))
        return true;
    return irsa_watch_expect(waiting->await.watch, event.id, event.subject, err);
}

/* Which requests are of the batch: the requests' topic is read up to where it ends now. */
static bool expect_batch(struct waiting *waiting, struct irsa_error *err) {
    const struct irsa_topic_reading reading = {
        .topic = IRSA_TOPIC_REQUESTS, .since_ms = waiting->since_ms, .take = expect_record, .self = waiting};
    return irsa_topic_read(waiting->session, &reading, err);
}

static bool expect_ids(struct waiting *waiting, struct irsa_error *err) {
    const struct irsa_strings *ids = &waiting->session->arguments->operands;
    for (size_t i = 0; i < ids->count; i++)
        if (!irsa_watch_expect(waiting->await.watch, ids->at[i], NULL, err))
            return false;
    return true;
}

static enum irsa_exit wait_for_requests(struct waiting *waiting) {
    const char *batch = waiting->session->arguments->batch;
    struct irsa_error err;
    if (!open_watch(waiting, &err) || !(batch != NULL ? expect_batch(waiting, &err) : expect_ids(waiting, &err))) {
        irsa_complain("%s", err.message);
        irsa_await_end(&waiting->await);
        return IRSA_EXIT_BROKER;
    }
    if (irsa_watch_tally(waiting->await.watch)->expected == 0 && !irsa_interrupted()) {
        irsa_complain("there is no request of batch %s in %s", batch, waiting->requests_topic);
        irsa_await_end(&waiting->await);
        return IRSA_EXIT_INVALID;
    }
    return irsa_await_run(&waiting->await);
}

enum irsa_exit irsa_run_wait(struct irsa_session *session) {
    const char *prefix = session->settings.topics_prefix;
    const struct irsa_arguments *arguments = session->arguments;
    struct waiting waiting = {
        .session = session,
        .requests_topic = irsa_topic_name(session->arena, prefix, IRSA_TOPIC_REQUESTS),
        .results_topic = irsa_topic_name(session->arena, prefix, IRSA_TOPIC_RESULTS),
    };
    struct irsa_error err;
    int64_t timeout_ms;
    if (!check_arguments(&waiting, &err) || !irsa_await_timeout("--timeout", arguments->timeout, &timeout_ms, &err)) {
        irsa_complain("%s", err.message);
        return IRSA_EXIT_USAGE;
    }
    irsa_await_begin(&waiting.await, session);
    waiting.await.timeout_ms = timeout_ms;
    waiting.await.resume = arguments->batch != NULL
                               ? irsa_arena_format(session->arena, "irsactl wait --batch %s", arguments->batch)
                               : "the same command";
    enum irsa_exit exit = wait_for_requests(&waiting);
    irsa_watch_close(waiting.await.watch);
    return exit;
}
