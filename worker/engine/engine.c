/*
 * The loop: one thread, one epoll over the consumer, the partitions' queues, the executors, the outbox and the stops.
 */
#include "worker/engine/engine.h"

#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "core/base/arena.h"
#include "core/base/crypto.h"
#include "worker/engine/engine_state.h"

#define TICK_MS 1000 /* the consumer is served at least that often, descriptor or not */
#define EVENTS  8

/* --- one turn ------------------------------------------------------------------------------------------------------------ */

static int64_t least(int64_t a, int64_t b) {
    return a < b ? a : b;
}

static int64_t next_moment_ms(const struct irsa_engine *engine) {
    int64_t next_ms = engine->consumer_tick_ms;
    next_ms = least(next_ms, irsa_scheduler_next_due_ms(engine->scheduler));
    next_ms = least(next_ms, irsa_outbox_next_ms(engine->outbox));
    next_ms = least(next_ms, irsa_commit_next_ms(engine));
    next_ms = least(next_ms, irsa_stop_next_ms(engine));
    next_ms = least(next_ms, irsa_stall_next_ms(engine));
    if (engine->is_halted && engine->probe == NULL && irsa_cancelled_are_known(engine))
        next_ms = least(next_ms, engine->probe_ms);
    return next_ms;
}

/* Wait for a source until a moment. Returns bits of enum irsa_engine_source. */
static unsigned wait(struct irsa_engine *engine, int64_t until_ms) {
    struct epoll_event events[EVENTS];
    unsigned sources = 0;
    int64_t left_ms = until_ms - irsa_engine_now_ms(engine);
    if (left_ms > 0 && !irsa_stall_is_on(engine) && !irsa_executors_sleep(engine->executors))
        left_ms = 0;
    int count = epoll_wait(engine->poll_fd, events, EVENTS, left_ms > 0 ? (int)least(left_ms, TICK_MS) : 0);
    for (int i = 0; i < count; i++)
        sources |= events[i].data.u32;
    irsa_stall_note(engine);
    return sources;
}

/* A signalfd gives one record per request, an eventfd their number. */
static void read_stop(struct irsa_engine *engine) {
    union {
        struct signalfd_siginfo signal;
        uint64_t count;
    } request;
    ssize_t length = read(engine->options.stop_fd, &request, sizeof request);
    if (length <= 0)
        return;
    irsa_stop_request(engine);
    if (length == sizeof request.count && request.count > 1)
        irsa_stop_request(engine);
}

/* What executors have done is not told while it may be somebody else's; when partitions are taken away, that is known. */
static bool may_collect(const struct irsa_engine *engine) {
    for (size_t i = 0; i < engine->partition_count; i++)
        if (engine->partitions[i]->is_revoking)
            return true;
    return !irsa_stall_is_on(engine);
}

static void take_in(struct irsa_engine *engine, unsigned sources) {
    if ((sources & IRSA_SOURCE_STOP) != 0)
        read_stop(engine);
    if ((sources & IRSA_SOURCE_EXECUTORS) != 0)
        irsa_executors_woken(engine->executors);
    if (may_collect(engine))
        irsa_dispatch_collect(engine); // woken or not: they tell only who sleeps
    if ((sources & IRSA_SOURCE_OUTBOX) != 0 || irsa_outbox_next_ms(engine->outbox) <= irsa_engine_now_ms(engine))
        irsa_outbox_serve(engine->outbox);
    if ((sources & IRSA_SOURCE_LISTENER) != 0)
        irsa_cancelled_serve(engine);
}

static void move_on(struct irsa_engine *engine) {
    irsa_scheduler_tick(engine->scheduler, irsa_engine_now_ms(engine));
    irsa_dispatch(engine);
    irsa_commit_serve(engine);
    irsa_figures_publish(engine);
}

static void serve_consumer(struct irsa_engine *engine, unsigned sources) {
    int64_t now_ms = irsa_engine_now_ms(engine);
    if ((sources & IRSA_SOURCE_CONSUMER) == 0 && now_ms < engine->consumer_tick_ms)
        return;
    engine->consumer_tick_ms = now_ms + TICK_MS;
    irsa_consumer_serve(engine->consumer);
    irsa_membership_serve(engine);
}

static void turn(struct irsa_engine *engine) {
    unsigned sources = wait(engine, irsa_intake_has_work(engine) ? 0 : next_moment_ms(engine));
    if ((sources & IRSA_SOURCE_RECORDS) != 0)
        irsa_intake_wake(engine);
    serve_consumer(engine, sources);
    irsa_stall_serve(engine);
    take_in(engine, sources);
    irsa_intake_run(engine);
    move_on(engine);
}

/* --- waiting within a rebalance ------------------------------------------------------------------------------------------ */

/* The consumer calls us at the moment, and must not be called. */
static void watch_consumer(struct irsa_engine *engine, bool is_on) {
    struct epoll_event consumer = {.events = is_on ? EPOLLIN : 0, .data.u32 = IRSA_SOURCE_CONSUMER};
    struct epoll_event records = {.events = is_on ? EPOLLIN : 0, .data.u32 = IRSA_SOURCE_RECORDS};
    epoll_ctl(engine->poll_fd, EPOLL_CTL_MOD, irsa_consumer_fd(engine->consumer), &consumer);
    epoll_ctl(engine->poll_fd, EPOLL_CTL_MOD, engine->records_fd, &records);
}

bool irsa_engine_pump(struct irsa_engine *engine, bool (*is_done)(const struct irsa_engine *engine),
                      int64_t deadline_ms) {
    enum irsa_engine_phase phase = engine->phase;
    watch_consumer(engine, false);
    while (!is_done(engine) && irsa_engine_now_ms(engine) < deadline_ms) {
        take_in(engine, wait(engine, least(deadline_ms, next_moment_ms(engine))));
        move_on(engine);
        if (engine->phase == IRSA_ENGINE_ABANDONING && phase != IRSA_ENGINE_ABANDONING)
            break;
    }
    watch_consumer(engine, true);
    return is_done(engine);
}

/* --- its life ------------------------------------------------------------------------------------------------------------ */

static void fill_defaults(struct irsa_engine_options *options) {
#define DEFAULT(field, value) options->field = options->field != 0 ? options->field : (value)
    DEFAULT(executors, 64);
    DEFAULT(per_cluster, 8);
    DEFAULT(max_attempts, 5);
    DEFAULT(retry_window_ms, 900000);
    DEFAULT(retry_base_ms, 1000);
    DEFAULT(retry_cap_ms, 60000);
    DEFAULT(attempt_deadline_ms, 120000);
    DEFAULT(probe_ms, 15000);
    DEFAULT(drain_ms, 45000);
    DEFAULT(revoke_wait_ms, 10000);
    DEFAULT(rejoin_ms, 120000);
    DEFAULT(window, 16384);
    DEFAULT(max_jobs, 65536);
    DEFAULT(max_bytes, (size_t)48 * 1024 * 1024);
#undef DEFAULT
    if (options->clock == NULL)
        options->clock = irsa_clock_system();
}

void irsa_engine_watch(struct irsa_engine *engine, int fd, enum irsa_engine_source source) {
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = source};
    epoll_ctl(engine->poll_fd, EPOLL_CTL_ADD, fd, &event);
}

static bool open_listener(struct irsa_engine *engine, struct irsa_error *err) {
    const struct irsa_engine_options *options = &engine->options;
    const struct irsa_listener_options listener = {.kafka = options->kafka,
                                                   .topic = options->control_topic,
                                                   .clock = engine->clock,
                                                   .retry_ms = options->probe_ms};
    engine->listener = irsa_listener_open(&listener, err);
    return engine->listener != NULL;
}

static bool open_all(struct irsa_engine *engine, struct irsa_error *err) {
    const struct irsa_engine_options *options = &engine->options;
    if (options->executors > IRSA_EXECUTORS_MAX)
        return IRSA_FAIL(err, CONFIG, "%u executors: at most %d", options->executors, IRSA_EXECUTORS_MAX);
    const struct irsa_outbox_options outbox = {
        .kafka = options->kafka, .clock = engine->clock, .acknowledged = irsa_settle_acknowledged, .self = engine};
    engine->outbox = irsa_outbox_new(&outbox, err);
    if (engine->outbox == NULL)
        return false;
    engine->executors = irsa_executors_new(options->executors, irsa_dispatch_run, engine, err);
    if (engine->executors == NULL)
        return false;
    return irsa_membership_open(engine, err) && (options->control_topic == NULL || open_listener(engine, err));
}

struct irsa_engine *irsa_engine_new(const struct irsa_engine_options *options, struct irsa_error *err) {
    struct irsa_engine *engine = irsa_new(sizeof *engine);
    engine->options = *options;
    fill_defaults(&engine->options);
    engine->clock = engine->options.clock;
    engine->kind = *options->kind;
    engine->poll_fd = epoll_create1(EPOLL_CLOEXEC);
    engine->records_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    engine->scheduler = irsa_scheduler_new(engine->options.executors, engine->options.per_cluster);
    engine->scratch = irsa_arena_new();
    engine->board = irsa_board_new();
    irsa_link_init(&engine->spare_tasks);
    irsa_link_init(&engine->all_tasks);
    irsa_link_init(&engine->held);
    irsa_random_bytes(&engine->random_state, sizeof engine->random_state);
    engine->random_state |= 1;
    if (!open_all(engine, err)) {
        irsa_engine_free(engine);
        return NULL;
    }
    irsa_engine_watch(engine, engine->records_fd, IRSA_SOURCE_RECORDS);
    irsa_engine_watch(engine, irsa_executors_fd(engine->executors), IRSA_SOURCE_EXECUTORS);
    irsa_engine_watch(engine, irsa_outbox_fd(engine->outbox), IRSA_SOURCE_OUTBOX);
    if (engine->listener != NULL)
        irsa_engine_watch(engine, irsa_listener_fd(engine->listener), IRSA_SOURCE_LISTENER);
    if (options->stop_fd > 0)
        irsa_engine_watch(engine, options->stop_fd, IRSA_SOURCE_STOP);
    return engine;
}

/* Leave the group; what is still assigned is given up on the way: `revoked` commits it. */
static void leave(struct irsa_engine *engine) {
    irsa_consumer_close(engine->consumer, engine->options.leave);
    engine->consumer = NULL;
}

bool irsa_engine_run(struct irsa_engine *engine, struct irsa_error *err) {
    while (!irsa_stop_is_over(engine))
        turn(engine);
    leave(engine);
    irsa_figures_publish(engine);
    if (!engine->has_failed && !engine->is_halted)
        return true;
    *err = engine->failure;
    return false;
}

/* What was abandoned, or told and not acknowledged. Executors have ended, the outbox knows nothing any more. */
static void release_rest(struct irsa_engine *engine) {
    while (!irsa_list_is_empty(&engine->all_tasks)) {
        struct irsa_task *task = IRSA_OBJECT(engine->all_tasks.next, struct irsa_task, of_engine);
        task->outstanding = 0;
        task->is_told = false;
        irsa_settle_drop(engine, task);
    }
}

void irsa_engine_free(struct irsa_engine *engine) {
    if (engine == NULL)
        return;
    struct irsa_link left;
    irsa_link_init(&left);
    irsa_listener_close(engine->listener);
    irsa_consumer_close(engine->consumer, engine->options.leave);
    irsa_executors_free(engine->executors, &left);
    while (irsa_list_take_first(&left) != NULL) {
        // out of the list, as release_rest() wants them
    }
    irsa_outbox_free(engine->outbox);
    release_rest(engine);
    irsa_tasks_free_spare(engine);
    irsa_scheduler_free(engine->scheduler);
    irsa_arena_free(engine->scratch);
    irsa_board_free(engine->board);
    free(engine->partitions);
    close(engine->records_fd);
    close(engine->poll_fd);
    free(engine);
}
