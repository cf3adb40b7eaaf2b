/*
 * From input to outcome: every command that enqueues runs through here.
 */
#include "producer/enqueue.h"

#include <stdio.h>

#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/contract/ids.h"
#include "core/contract/names.h"
#include "core/contract/topics.h"
#include "producer/await.h"
#include "producer/interrupt.h"
#include "producer/load.h"
#include "producer/preview.h"
#include "producer/send.h"
#include "producer/terminal.h"

struct enqueueing {
    struct irsa_session *session;
    enum irsa_action action;
    struct irsa_batch *batch;
    const char *batch_name;
    const char *requests_topic;
    const char *results_topic;
    const char *resume; /* the command that waits for it later */
    bool waits;
    struct irsa_await await;
};

static const char *plural(size_t count) {
    return count == 1 ? "" : "s";
}

static bool is_dry_run(const struct irsa_session *session, enum irsa_dry_run kind) {
    return irsa_session_was_given(session, "--dry-run") && session->arguments->dry_run == (int)kind;
}

static bool needs_approval(const struct enqueueing *enqueueing) {
    const struct irsa_arguments *arguments = enqueueing->session->arguments;
    return enqueueing->action == IRSA_ACTION_DELETE && arguments->files.count > 0 && !arguments->approve &&
           !is_dry_run(enqueueing->session, IRSA_DRY_RUN_SERVER);
}

static const char *make_batch_name(struct irsa_session *session) {
    char id[IRSA_UUID_BYTES];
    if (session->arguments->batch != NULL)
        return session->arguments->batch;
    irsa_uuid7(irsa_clock_now_ms(irsa_clock_system()), id);
    return irsa_arena_copy(session->arena, id);
}

/* Whether to wait and how long: --wait, and a plan by the worker is nothing without its answer. */
static bool decide_to_wait(struct enqueueing *enqueueing, int64_t *out_timeout_ms, struct irsa_error *err) {
    const char *wait = enqueueing->session->arguments->wait;
    if (!irsa_await_timeout("--wait", wait, out_timeout_ms, err))
        return false;
    enqueueing->waits = (wait != NULL || is_dry_run(enqueueing->session, IRSA_DRY_RUN_SERVER)) && *out_timeout_ms > 0;
    return true;
}

static enum irsa_exit preview(const struct enqueueing *enqueueing) {
    const struct irsa_session *session = enqueueing->session;
    struct irsa_error err;
    size_t count = irsa_batch_count(enqueueing->batch);
    bool is_client_run = is_dry_run(session, IRSA_DRY_RUN_CLIENT);
    bool is_fine = is_client_run ? irsa_preview_events(session, enqueueing->batch, &err)
                                 : irsa_preview_plan(session, enqueueing->batch, &err);
    if (!is_fine) {
        irsa_complain("%s", err.message);
        return IRSA_EXIT_FAILED;
    }
    fflush(stdout);
    if (!is_client_run)
        irsa_say("this would delete %zu iamserviceaccount%s; nothing was sent. Run it again with --approve to delete.",
                 count, plural(count));
    return IRSA_EXIT_DONE;
}

/* Attach to the results before anything is sent. */
static bool open_watch(struct enqueueing *enqueueing, struct irsa_error *err) {
    const struct irsa_session *session = enqueueing->session;
    const struct irsa_watch_options options = {
        .kafka = session->kafka,
        .topic = enqueueing->results_topic,
        .correlation_id = enqueueing->batch_name,
        .start = IRSA_READER_END,
        .timeout_ms = (int)session->settings.broker_timeout_ms,
        .settled = irsa_await_settled,
        .self = &enqueueing->await,
    };
    struct irsa_entry entry;
    uint64_t cursor = 0;
    struct irsa_watch *watch = irsa_watch_open(&options, err);
    if (watch == NULL)
        return irsa_broker_explain(session, options.topic, err);
    enqueueing->await.watch = watch;
    while (irsa_batch_next(enqueueing->batch, &cursor, &entry, err))
        if (!irsa_watch_expect(watch, entry.id, entry.subject, err))
            return false;
    return err->code == IRSA_CODE_NONE;
}

static void tell_what_was_sent(const struct enqueueing *enqueueing, const struct irsa_receipts *receipts) {
    size_t count = receipts->acknowledged;
    if (count < receipts->count)
        irsa_complain("%zu of %zu requests were enqueued, batch %s", count, receipts->count, enqueueing->batch_name);
    else
        irsa_say("%zu request%s enqueued, batch %s", count, plural(count), enqueueing->batch_name);
    /* an interrupt that comes while it is still sending ends the waiting before it began */
    if ((!enqueueing->waits || irsa_interrupted()) && count > 0)
        irsa_say("to see their outcomes: %s", enqueueing->resume);
}

static void complain(const struct irsa_error *err) {
    irsa_complain("%s", err->message);
}

/* Send, and tell of it. With --wait the receipts are of interest only when some are missing. */
static enum irsa_exit send_batch(struct enqueueing *enqueueing) {
    struct irsa_receipts receipts;
    struct irsa_error err;
    irsa_interrupt_catch(); /* from here on there is something to tell */
    irsa_receipts_init(&receipts, irsa_batch_count(enqueueing->batch));
    enum irsa_exit exit = irsa_send(enqueueing->session, enqueueing->batch,
                                    enqueueing->waits ? enqueueing->await.watch : NULL, &receipts);
    bool is_told = enqueueing->waits ? irsa_receipts_tell_refused(&receipts, enqueueing->batch, &err)
                                     : irsa_receipts_print(&receipts, enqueueing->session, enqueueing->batch, &err);
    if (!is_told)
        complain(&err);
    fflush(stdout);
    tell_what_was_sent(enqueueing, &receipts);
    irsa_receipts_done(&receipts);
    return exit;
}

static enum irsa_exit send_and_wait(struct enqueueing *enqueueing, int64_t timeout_ms) {
    struct irsa_error err;
    irsa_await_begin(&enqueueing->await, enqueueing->session);
    enqueueing->await.timeout_ms = timeout_ms;
    enqueueing->await.resume = enqueueing->resume;
    if (!open_watch(enqueueing, &err)) {
        complain(&err);
        irsa_await_end(&enqueueing->await);
        return IRSA_EXIT_BROKER;
    }
    enum irsa_exit exit = send_batch(enqueueing);
    if (exit == IRSA_EXIT_DONE)
        return irsa_await_run(&enqueueing->await);
    irsa_await_end(&enqueueing->await);
    return exit;
}

static enum irsa_exit enqueue(struct enqueueing *enqueueing) {
    struct irsa_error err;
    int64_t timeout_ms;
    if (!decide_to_wait(enqueueing, &timeout_ms, &err) || !irsa_session_has_broker(enqueueing->session, &err)) {
        complain(&err);
        return IRSA_EXIT_USAGE;
    }
    if (!irsa_broker_check(enqueueing->session, enqueueing->requests_topic, &err)) {
        complain(&err);
        return IRSA_EXIT_BROKER;
    }
    enqueueing->resume =
        irsa_arena_format(enqueueing->session->arena, "irsactl wait --batch %s", enqueueing->batch_name);
    if (!enqueueing->waits)
        return send_batch(enqueueing);
    enum irsa_exit exit = send_and_wait(enqueueing, timeout_ms);
    irsa_watch_close(enqueueing->await.watch);
    return exit;
}

/* Names that go into every event. */
static bool check_names(const struct irsa_session *session, struct irsa_error *err) {
    const char *batch = session->arguments->batch;
    const char *problem = batch == NULL ? NULL : irsa_rule_event_id(batch);
    if (problem != NULL)
        return IRSA_FAIL(err, INVALID, "--batch: \"%s\" %s", batch, problem);
    problem = irsa_rule_event_source(session->settings.source);
    return problem == NULL || IRSA_FAIL(err, INVALID, "--source: \"%s\" %s", session->settings.source, problem);
}

static enum irsa_exit load_and_go(struct enqueueing *enqueueing) {
    struct irsa_load load = {.session = enqueueing->session, .action = enqueueing->action, .batch = enqueueing->batch};
    enum irsa_exit exit = irsa_load_requests(&load);
    if (exit != IRSA_EXIT_DONE)
        return exit;
    if (irsa_batch_count(enqueueing->batch) == 0)
        irsa_say("nothing to do: no service account is left to %s", irsa_action_name(enqueueing->action));
    if (is_dry_run(enqueueing->session, IRSA_DRY_RUN_CLIENT) || needs_approval(enqueueing))
        return preview(enqueueing);
    return irsa_batch_count(enqueueing->batch) == 0 ? IRSA_EXIT_DONE : enqueue(enqueueing);
}

enum irsa_exit irsa_enqueue_run(struct irsa_session *session, enum irsa_action action) {
    const char *prefix = session->settings.topics_prefix;
    struct enqueueing enqueueing = {
        .session = session,
        .action = action,
        .batch_name = make_batch_name(session),
        .requests_topic = irsa_topic_name(session->arena, prefix, IRSA_TOPIC_REQUESTS),
        .results_topic = irsa_topic_name(session->arena, prefix, IRSA_TOPIC_RESULTS),
    };
    const struct irsa_batch_options options = {
        .topic = enqueueing.requests_topic,
        .source = session->settings.source,
        .correlation_id = enqueueing.batch_name,
        .is_repeat_fine = action == IRSA_ACTION_ASSOCIATE_OIDC,
    };
    struct irsa_error err;
    if (!check_names(session, &err)) {
        complain(&err);
        return IRSA_EXIT_USAGE;
    }
    enqueueing.batch = irsa_batch_new(&options);
    enum irsa_exit exit = load_and_go(&enqueueing);
    irsa_batch_free(enqueueing.batch);
    return exit;
}
