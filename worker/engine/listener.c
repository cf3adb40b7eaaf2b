/*
 * The thread: attach, read to the end, go on reading; from the start again when that fails.
 */
#include "worker/engine/listener.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "core/base/arena.h"
#include "core/base/cancel.h"
#include "core/base/log.h"
#include "core/kafka/reader.h"
#include "worker/engine/thread.h"

#define STACK_BYTES ((size_t)256 * 1024)
#define ATTACH_MS   5000 /* what brokers may take to say where the topic begins and ends */
#define WAIT_MS     100  /* for a record, so that an end is noticed soon */
#define AGAIN_MS    1000 /* when no broker answers: it is nobody's fault, and mends itself */

struct irsa_listener {
    struct irsa_listener_options options;
    pthread_t thread;
    bool has_thread;
    struct irsa_cancel ending;
    int fd;
    pthread_mutex_t lock;
    struct irsa_cancels *cancels;   /* under the lock */
    enum irsa_listener_state state; /* under the lock */
    struct irsa_error why;          /* under the lock: of DEAF */
    uint64_t lost, refused;         /* the thread's own: words without room, and records that are none */
};

static int64_t now_ms(const struct irsa_listener *listener) {
    return irsa_clock_now_ms(listener->options.clock);
}

static void set_state(struct irsa_listener *listener, enum irsa_listener_state state, const struct irsa_error *why) {
    pthread_mutex_lock(&listener->lock);
    listener->state = state;
    if (why != NULL)
        listener->why = *why;
    pthread_mutex_unlock(&listener->lock);
    irsa_thread_wake(listener->fd);
}

/* --- what is heard -------------------------------------------------------------------------------------------------------- */

static void log_word(const struct irsa_record *record, const struct irsa_control *control) {
    IRSA_LOG(INFO, "cancel.heard", IRSA_TEXT("id", control->id), IRSA_TEXT("source", control->source),
             IRSA_TEXT("batch", control->batch), IRSA_TEXT("sender", control->sender),
             IRSA_NUMBER("offset", record->offset));
}

static void log_refused(struct irsa_listener *listener, const struct irsa_record *record,
                        const struct irsa_error *err) {
    listener->refused++;
    IRSA_LOG(WARN, "control.refused", IRSA_NUMBER("offset", record->offset),
             IRSA_TEXT("code", irsa_code_name(err->code)), IRSA_TEXT("error", err->message));
}

static void log_lost(struct irsa_listener *listener, uint64_t lost) {
    if (lost > listener->lost)
        IRSA_LOG(WARN, "cancel.forgotten", IRSA_NUMBER("words", lost - listener->lost),
                 IRSA_TEXT("meaning", "there are more than fit into memory; what the oldest named is done"));
    listener->lost = lost;
}

static void hear(struct irsa_listener *listener, struct irsa_arena *arena, const struct irsa_record *record) {
    struct irsa_control control;
    struct irsa_error err;
    if (!irsa_control_decode(arena, record, &control, &err)) {
        log_refused(listener, record, &err);
        return;
    }
    pthread_mutex_lock(&listener->lock);
    int64_t at_ms = record->timestamp_ms == IRSA_NO_TIME ? now_ms(listener) : record->timestamp_ms;
    irsa_cancels_note(listener->cancels, &control, at_ms, now_ms(listener));
    uint64_t lost = irsa_cancels_lost(listener->cancels);
    bool is_hearing = listener->state == IRSA_LISTENER_HEARING;
    pthread_mutex_unlock(&listener->lock);
    if (!is_hearing)
        return; // what was there before is one line of the log, and one turn of the engine
    log_word(record, &control);
    log_lost(listener, lost);
    irsa_thread_wake(listener->fd);
}

static void hear_all(struct irsa_listener *listener) {
    pthread_mutex_lock(&listener->lock);
    size_t count = irsa_cancels_count(listener->cancels);
    uint64_t lost = irsa_cancels_lost(listener->cancels);
    pthread_mutex_unlock(&listener->lock);
    log_lost(listener, lost);
    IRSA_LOG(INFO, "control.read", IRSA_TEXT("topic", listener->options.topic), IRSA_NUMBER("cancels", count),
             IRSA_NUMBER("refused", listener->refused));
    set_state(listener, IRSA_LISTENER_HEARING, NULL);
}

/* --- the thread ----------------------------------------------------------------------------------------------------------- */

/* Will it pass without anybody doing something about it? */
static bool is_passing(const struct irsa_error *err) {
    return err->code == IRSA_CODE_UNAVAILABLE || err->code == IRSA_CODE_TIMEOUT;
}

/* False: this reader is of no more use. */
static bool listen_once(struct irsa_listener *listener, struct irsa_reader *reader, struct irsa_arena *arena,
                        struct irsa_error *err) {
    struct irsa_record record;
    switch (irsa_reader_next(reader, arena, WAIT_MS, &record, err)) {
    case IRSA_READER_RECORD:
        hear(listener, arena, &record);
        return true;
    case IRSA_READER_CAUGHT_UP:
        hear_all(listener);
        return true;
    case IRSA_READER_NOTHING:
        return true;
    case IRSA_READER_FAILED:
        break;
    }
    return is_passing(err);
}

/* Attach and listen until the end, or until it fails. */
static void listen_on(struct irsa_listener *listener, struct irsa_arena *arena, struct irsa_error *err) {
    const struct irsa_listener_options *options = &listener->options;
    int64_t since_ms = now_ms(listener) - IRSA_CANCELS_KEEP_MS;
    struct irsa_reader *reader =
        irsa_reader_open(options->kafka, options->topic, IRSA_READER_TIME, since_ms, ATTACH_MS, err);
    if (reader == NULL)
        return;
    do
        irsa_arena_clear(arena);
    while (!irsa_cancel_is_set(&listener->ending) && listen_once(listener, reader, arena, err));
    irsa_reader_close(reader);
}

/* How long to wait before the next try. */
static int64_t judge(struct irsa_listener *listener, struct irsa_error *err) {
    if (is_passing(err)) {
        IRSA_LOG(WARN, "control.unavailable", IRSA_TEXT("topic", listener->options.topic),
                 IRSA_TEXT("error", err->message), IRSA_NUMBER("retry_in_ms", AGAIN_MS));
        return AGAIN_MS;
    }
    if (err->code == IRSA_CODE_NOT_FOUND)
        irsa_error_wrap(err, "without it nothing can be cancelled; \"irsactl topics create\" makes it");
    if (err->code != IRSA_CODE_CREDENTIALS)
        err->code = IRSA_CODE_CONFIG;
    set_state(listener, IRSA_LISTENER_DEAF, err);
    return listener->options.retry_ms;
}

static void *run(void *self) {
    struct irsa_listener *listener = self;
    const struct irsa_clock *clock = irsa_clock_system();
    struct irsa_arena *arena = irsa_arena_new();
    struct irsa_error err;
    for (;;) {
        listen_on(listener, arena, &err);
        if (irsa_cancel_is_set(&listener->ending))
            break;
        clock->sleep_ms(clock->self, judge(listener, &err), &listener->ending);
    }
    irsa_arena_free(arena);
    return NULL;
}

/* --- its life ------------------------------------------------------------------------------------------------------------- */

struct irsa_listener *irsa_listener_open(const struct irsa_listener_options *options, struct irsa_error *err) {
    const struct irsa_cancels_limits limits = {IRSA_CANCELS_MAX, IRSA_CANCELS_MAX_BYTES, IRSA_CANCELS_KEEP_MS};
    struct irsa_listener *listener = irsa_new(sizeof *listener);
    listener->options = *options;
    listener->cancels = irsa_cancels_new(limits);
    listener->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    irsa_cancel_init(&listener->ending);
    pthread_mutex_init(&listener->lock, NULL);
    listener->has_thread = irsa_thread_start(&listener->thread, STACK_BYTES, run, listener) == 0;
    if (listener->has_thread)
        return listener;
    irsa_listener_close(listener);
    IRSA_FAIL(err, INTERNAL, "no thread can be made to read %s", options->topic);
    return NULL;
}

void irsa_listener_close(struct irsa_listener *listener) {
    if (listener == NULL)
        return;
    irsa_cancel_set(&listener->ending);
    if (listener->has_thread)
        pthread_join(listener->thread, NULL);
    irsa_cancel_done(&listener->ending);
    irsa_cancels_free(listener->cancels);
    pthread_mutex_destroy(&listener->lock);
    close(listener->fd);
    free(listener);
}

int irsa_listener_fd(const struct irsa_listener *listener) {
    return listener->fd;
}

enum irsa_listener_state irsa_listener_look(struct irsa_listener *listener, struct irsa_error *out_why) {
    uint64_t wakes;
    ssize_t emptied = read(listener->fd, &wakes, sizeof wakes);
    (void)emptied; // before the look: what comes behind it is told again
    pthread_mutex_lock(&listener->lock);
    enum irsa_listener_state state = listener->state;
    if (state == IRSA_LISTENER_DEAF)
        *out_why = listener->why;
    pthread_mutex_unlock(&listener->lock);
    return state;
}

bool irsa_listener_has_words(struct irsa_listener *listener) {
    pthread_mutex_lock(&listener->lock);
    bool has_words = irsa_cancels_count(listener->cancels) > 0;
    pthread_mutex_unlock(&listener->lock);
    return has_words;
}

bool irsa_listener_covers(struct irsa_listener *listener, const struct irsa_cancel_names *names) {
    pthread_mutex_lock(&listener->lock);
    bool is_covered = irsa_cancels_cover(listener->cancels, names, now_ms(listener));
    pthread_mutex_unlock(&listener->lock);
    return is_covered;
}
