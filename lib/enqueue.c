/*
 * The enqueuer: requests in, acknowledgements out, for any number of threads.
 *
 * The producer below is made for one thread, so a mutex stands before it. Encoding happens outside, and nobody waits for
 * the broker while holding it.
 */
#include <irsa/enqueue.h>

#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/contract/ids.h"
#include "core/contract/names.h"
#include "core/contract/topics.h"
#include "core/kafka/producer.h"
#include "core/kafka/settings.h"

#define DEFAULT_SOURCE "urn:irsa:libirsa"
#define SLICE_MS       100 /* another thread may have taken the wake-up of the descriptor */

/*
 * lock      guards the producer and what follows it
 * refused   since the last flush, with the reason of the last one
 */
struct irsa_enqueuer {
    char *topic;
    char *source;
    void (*acknowledged)(void *self, const struct irsa_receipt *receipt);
    void *self;
    pthread_mutex_t lock;
    struct irsa_producer *producer;
    size_t refused;
    struct irsa_error refusal;
};

/* A request that is under way. */
struct pending {
    void *tag;
    char id[];
};

/* Called with the lock held, or by close. */
static void on_delivered(void *self, const struct irsa_delivery *delivery) {
    struct irsa_enqueuer *enqueuer = self;
    struct pending *pending = delivery->tag;
    const struct irsa_receipt receipt = {.id = pending->id,
                                         .tag = pending->tag,
                                         .partition = delivery->err == NULL ? delivery->partition : -1,
                                         .offset = delivery->err == NULL ? delivery->offset : -1,
                                         .error = delivery->err};
    if (delivery->err != NULL) {
        enqueuer->refused++;
        enqueuer->refusal = *delivery->err;
    }
    if (enqueuer->acknowledged != NULL)
        enqueuer->acknowledged(enqueuer->self, &receipt);
    free(pending);
}

static bool are_options_fine(const struct irsa_enqueuer_options *options, struct irsa_error *err) {
    if (irsa_text_is_empty(irsa_kafka_setting(options->kafka, "bootstrap.servers")) &&
        irsa_text_is_empty(irsa_kafka_setting(options->kafka, "metadata.broker.list")))
        return IRSA_FAIL(err, CONFIG, "no broker is named: set bootstrap.servers");
    const char *problem = options->topics_prefix == NULL ? NULL : irsa_rule_topic_prefix(options->topics_prefix);
    if (problem != NULL)
        return IRSA_FAIL(err, CONFIG, "topics_prefix \"%s\" %s", options->topics_prefix, problem);
    problem = options->source == NULL ? NULL : irsa_rule_event_source(options->source);
    if (problem != NULL)
        return IRSA_FAIL(err, CONFIG, "source \"%s\" %s", options->source, problem);
    return irsa_kafka_settings_check(options->kafka, err);
}

static char *requests_topic(const char *prefix) {
    struct irsa_arena *arena = irsa_arena_new();
    const char *name =
        irsa_topic_name(arena, prefix == NULL ? IRSA_DEFAULT_TOPICS_PREFIX : prefix, IRSA_TOPIC_REQUESTS);
    char *copy = irsa_new_copy(name);
    irsa_arena_free(arena);
    return copy;
}

struct irsa_enqueuer *irsa_enqueuer_open(const struct irsa_enqueuer_options *options, struct irsa_error *err) {
    if (!are_options_fine(options, err))
        return NULL;
    struct irsa_enqueuer *enqueuer = irsa_new(sizeof *enqueuer);
    const struct irsa_producer_options producer = {
        .kafka = options->kafka, .delivered = on_delivered, .self = enqueuer};
    enqueuer->producer = irsa_producer_open(&producer, err);
    if (enqueuer->producer == NULL) {
        free(enqueuer);
        return NULL;
    }
    pthread_mutex_init(&enqueuer->lock, NULL);
    enqueuer->topic = requests_topic(options->topics_prefix);
    enqueuer->source = irsa_new_copy(options->source == NULL ? DEFAULT_SOURCE : options->source);
    enqueuer->acknowledged = options->acknowledged;
    enqueuer->self = options->self;
    return enqueuer;
}

/* Make up what the event lacks. `id` has room for a made one. */
static void complete_event(const struct irsa_enqueuer *enqueuer, struct irsa_event *event, char id[IRSA_UUID_BYTES]) {
    int64_t now_ms = irsa_clock_now_ms(irsa_clock_system());
    if (event->time_ms == 0 || event->time_ms == IRSA_NO_TIME)
        event->time_ms = now_ms;
    if (event->expiry_ms == 0)
        event->expiry_ms = IRSA_NO_TIME;
    if (event->source == NULL)
        event->source = enqueuer->source;
    if (event->id == NULL) {
        irsa_uuid7(now_ms, id);
        event->id = id;
    }
}

static struct pending *new_pending(const char *id, void *tag) {
    struct pending *pending = irsa_new(sizeof *pending + strlen(id) + 1);
    memcpy(pending->id, id, strlen(id) + 1);
    pending->tag = tag;
    return pending;
}

/* Let go of the lock until there is something to serve. */
static void wait_for_producer(struct irsa_enqueuer *enqueuer, int timeout_ms) {
    struct pollfd fd = {.fd = irsa_producer_fd(enqueuer->producer), .events = POLLIN};
    pthread_mutex_unlock(&enqueuer->lock);
    poll(&fd, 1, timeout_ms < SLICE_MS ? timeout_ms : SLICE_MS);
    pthread_mutex_lock(&enqueuer->lock);
}

/* With the lock held. */
static bool send(struct irsa_enqueuer *enqueuer, const struct irsa_record *record, struct pending *pending,
                 struct irsa_error *err) {
    while (!irsa_producer_send(enqueuer->producer, record, pending, err)) {
        if (!irsa_producer_is_full(err)) {
            if (err->code != IRSA_CODE_TOO_LARGE)
                err->code = IRSA_CODE_UNAVAILABLE;
            return false;
        }
        if (irsa_producer_serve(enqueuer->producer, 0) == 0)
            wait_for_producer(enqueuer, SLICE_MS);
    }
    irsa_producer_serve(enqueuer->producer, 0);
    return true;
}

static bool encode_and_send(struct irsa_enqueuer *enqueuer, struct irsa_arena *arena,
                            const struct irsa_request *request, void *tag, struct irsa_error *err) {
    struct irsa_record record;
    if (!irsa_request_validate(request, err) || !irsa_request_encode(arena, request, enqueuer->topic, &record, err))
        return false;
    struct pending *pending = new_pending(request->event.id, tag);
    pthread_mutex_lock(&enqueuer->lock);
    bool is_sent = send(enqueuer, &record, pending, err);
    pthread_mutex_unlock(&enqueuer->lock);
    if (!is_sent)
        free(pending);
    return is_sent;
}

bool irsa_enqueue(struct irsa_enqueuer *enqueuer, const struct irsa_request *request, void *tag,
                  struct irsa_error *err) {
    char id[IRSA_UUID_BYTES];
    struct irsa_request complete = *request;
    complete_event(enqueuer, &complete.event, id);
    struct irsa_arena *arena = irsa_arena_new();
    bool is_sent = encode_and_send(enqueuer, arena, &complete, tag, err);
    irsa_arena_free(arena);
    return is_sent;
}

static bool tell_refusals(struct irsa_enqueuer *enqueuer, struct irsa_error *err) {
    size_t refused = enqueuer->refused;
    enqueuer->refused = 0;
    if (refused == 0)
        return true;
    *err = enqueuer->refusal;
    err->code = IRSA_CODE_UNAVAILABLE;
    return irsa_error_wrap(err, "%zu request%s refused, the last of them because", refused,
                           refused == 1 ? " was" : "s were");
}

/* With the lock held. */
static bool flush(struct irsa_enqueuer *enqueuer, int timeout_ms, struct irsa_error *err) {
    const struct irsa_clock *clock = irsa_clock_system();
    int64_t deadline_ms = irsa_clock_monotonic_ms(clock) + timeout_ms;
    for (;;) {
        irsa_producer_serve(enqueuer->producer, 0);
        size_t outstanding = irsa_producer_outstanding(enqueuer->producer);
        if (outstanding == 0)
            return tell_refusals(enqueuer, err);
        int64_t left_ms = deadline_ms - irsa_clock_monotonic_ms(clock);
        if (left_ms <= 0)
            return IRSA_FAIL(err, TIMEOUT, "%zu request%s not acknowledged after %d ms", outstanding,
                             outstanding == 1 ? " is" : "s are", timeout_ms);
        wait_for_producer(enqueuer, left_ms < SLICE_MS ? (int)left_ms : SLICE_MS);
    }
}

bool irsa_enqueuer_flush(struct irsa_enqueuer *enqueuer, int timeout_ms, struct irsa_error *err) {
    pthread_mutex_lock(&enqueuer->lock);
    bool is_done = flush(enqueuer, timeout_ms, err);
    pthread_mutex_unlock(&enqueuer->lock);
    return is_done;
}

void irsa_enqueuer_close(struct irsa_enqueuer *enqueuer) {
    if (enqueuer == NULL)
        return;
    irsa_producer_close(enqueuer->producer);
    pthread_mutex_destroy(&enqueuer->lock);
    free(enqueuer->topic);
    free(enqueuer->source);
    free(enqueuer);
}
