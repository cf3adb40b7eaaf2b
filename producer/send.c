/*
 * The loop that sends.
 */
#include "producer/send.h"

#include <stdio.h>

#include "core/base/arena.h"
#include "core/base/clock.h"
#include "core/kafka/admin.h"
#include "core/kafka/producer.h"
#include "core/kafka/settings.h"
#include "producer/interrupt.h"
#include "producer/terminal.h"

#define SERVE_MS    50  /* the longest wait in one go, so that Ctrl-C is noticed */
#define SERVE_EVERY 256 /* requests */
#define SHOW_MS     100
#define WATCH_MS    50 /* between looks at the results; a look costs a millisecond when there are none */

/*
 * The producer's queue is what bounds our memory; it is short, since the spool is the real one. The last two are for large
 * batches: fewer and smaller writes at the broker, where a lone request would only wait longer.
 */
static const struct irsa_pair producer_defaults[] = {
    {"queue.buffering.max.messages", "8000"},
    {"queue.buffering.max.kbytes", "8192"},
    {"linger.ms", "5"},
    {"compression.type", "lz4"},
};
#define DEFAULTS_OF_ANY 2
#define DEFAULTS_OF_ALL (sizeof producer_defaults / sizeof *producer_defaults)
#define LARGE_BATCH     1000

struct sending {
    const struct irsa_session *session;
    struct irsa_batch *batch;
    struct irsa_watch *watch;
    struct irsa_receipts *receipts;
    struct irsa_producer *producer;
    int64_t progress_ms; /* when something was last acknowledged, or handed over to an empty queue */
    int64_t shown_ms, watched_ms;
    bool is_over;          /* no more is sent */
    struct irsa_error why; /* it is over */
};

static int64_t now_ms(void) {
    return irsa_clock_monotonic_ms(irsa_clock_system());
}

bool irsa_broker_check(const struct irsa_session *session, const char *topic, struct irsa_error *err) {
    int partitions;
    struct irsa_admin *admin = irsa_admin_open(session->kafka, err);
    if (admin == NULL)
        return false;
    bool is_fine =
        irsa_admin_count_partitions(admin, topic, (int)session->settings.broker_timeout_ms, &partitions, err);
    irsa_admin_close(admin);
    if (is_fine)
        return true;
    return irsa_broker_explain(session, topic, err);
}

bool irsa_broker_explain(const struct irsa_session *session, const char *topic, struct irsa_error *err) {
    const char *servers = irsa_kafka_setting(session->kafka, "bootstrap.servers");
    if (servers == NULL)
        servers = irsa_kafka_setting(session->kafka, "metadata.broker.list"); // its other name
    if (err->code == IRSA_CODE_NOT_FOUND)
        return IRSA_FAIL(err, NOT_FOUND, "topic %s is not there; \"irsactl topics create\" makes it", topic);
    if (err->code == IRSA_CODE_UNAVAILABLE || err->code == IRSA_CODE_TIMEOUT)
        return irsa_error_wrap(err, "no broker answers at %s", servers);
    return irsa_error_wrap(err, "the broker at %s refuses us", servers);
}

/* Within irsa_producer_serve() or irsa_producer_close(). */
static void on_delivery(void *self, const struct irsa_delivery *delivery) {
    struct sending *sending = self;
    struct irsa_slot *slot = delivery->tag;
    sending->progress_ms = now_ms();
    if (delivery->err == NULL) {
        slot->partition = delivery->partition;
        slot->offset = delivery->offset;
        sending->receipts->acknowledged++;
    } else if (sending->is_over) {
        irsa_receipts_refuse(sending->receipts, slot, &sending->why); /* it was given up, which is our doing */
    } else {
        irsa_receipts_refuse(sending->receipts, slot, delivery->err);
    }
}

static void show(struct sending *sending) {
    char line[80];
    int64_t now = now_ms();
    if (now - sending->shown_ms < SHOW_MS)
        return;
    sending->shown_ms = now;
    snprintf(line, sizeof line, "enqueueing: %zu of %zu", sending->receipts->acknowledged, sending->receipts->count);
    irsa_status_show(line);
}

static void give_up_when_stalled(struct sending *sending) {
    int64_t limit_ms = sending->session->settings.broker_timeout_ms;
    if (irsa_interrupted()) {
        sending->is_over = true;
        IRSA_FAIL(&sending->why, UNAVAILABLE, "interrupted before it was acknowledged; it may have been enqueued");
    } else if (now_ms() - sending->progress_ms > limit_ms) {
        sending->is_over = true;
        IRSA_FAIL(&sending->why, TIMEOUT,
                  "nothing was acknowledged for %lld ms; it may have been enqueued all the same, and repeating is safe",
                  (long long)limit_ms);
    }
}

static void look_at_results(struct sending *sending) {
    struct irsa_error err;
    int64_t now = now_ms();
    if (sending->watch == NULL || now - sending->watched_ms < WATCH_MS)
        return;
    if (!irsa_watch_poll(sending->watch, 0, &err))
        sending->watch = NULL; /* waiting will meet the same and say so */
    sending->watched_ms = now_ms();
}

/* Take acknowledgements and results, and see whether there is still a point in going on. */
static void attend(struct sending *sending, int timeout_ms) {
    irsa_producer_serve(sending->producer, timeout_ms);
    if (irsa_producer_outstanding(sending->producer) == 0)
        sending->progress_ms = now_ms();
    look_at_results(sending);
    show(sending);
    give_up_when_stalled(sending);
    if (!sending->is_over && irsa_producer_is_fatal(sending->producer, &sending->why))
        sending->is_over = true;
}

static void send_one(struct sending *sending, const struct irsa_entry *entry, struct irsa_slot *slot) {
    struct irsa_error err;
    while (!sending->is_over) {
        if (irsa_producer_send(sending->producer, &entry->record, slot, &err))
            return;
        if (!irsa_producer_is_full(&err)) {
            irsa_receipts_refuse(sending->receipts, slot, &err);
            return;
        }
        attend(sending, SERVE_MS);
    }
}

static void send_all(struct sending *sending) {
    struct irsa_entry entry;
    struct irsa_error err;
    uint64_t cursor = 0;
    size_t sent = 0;
    irsa_error_clear(&err);
    while (!sending->is_over && irsa_batch_next(sending->batch, &cursor, &entry, &err)) {
        send_one(sending, &entry, &sending->receipts->slots[sent]);
        if (++sent % SERVE_EVERY == 0)
            attend(sending, 0);
    }
    if (!sending->is_over && err.code != IRSA_CODE_NONE) {
        sending->is_over = true;
        sending->why = err;
    }
    while (!sending->is_over && irsa_producer_outstanding(sending->producer) > 0)
        attend(sending, SERVE_MS);
}

enum irsa_exit irsa_send(const struct irsa_session *session, struct irsa_batch *batch, struct irsa_watch *watch,
                         struct irsa_receipts *receipts) {
    struct sending sending = {
        .session = session,
        .batch = batch,
        .watch = watch,
        .receipts = receipts,
        .progress_ms = now_ms(),
        .shown_ms = now_ms(),
    };
    const struct irsa_producer_options options = {
        .kafka = session->kafka,
        .defaults = {producer_defaults, receipts->count < LARGE_BATCH ? DEFAULTS_OF_ANY : DEFAULTS_OF_ALL},
        .delivered = on_delivery,
        .self = &sending,
    };
    sending.producer = irsa_producer_open(&options, &sending.why);
    if (sending.producer == NULL) {
        irsa_complain("%s", sending.why.message);
        return IRSA_EXIT_BROKER;
    }
    send_all(&sending);
    irsa_producer_close(sending.producer);
    irsa_status_clear();
    if (irsa_interrupted())
        return IRSA_EXIT_INTERRUPTED;
    if (receipts->acknowledged == receipts->count)
        return IRSA_EXIT_DONE;
    return receipts->acknowledged == 0 ? IRSA_EXIT_BROKER : IRSA_EXIT_PARTLY;
}
