/*
 * One list of records in order, and a producer that may come and go.
 */
#include "worker/engine/outbox.h"

#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "core/base/arena.h"
#include "core/base/log.h"
#include "core/contract/result.h"
#include "core/kafka/producer.h"

#define MEND_FIRST_MS  100
#define MEND_LATEST_MS 15000

/* One record. In its job's arena. */
struct letter {
    struct irsa_record record;
    struct irsa_task *task;
    struct irsa_link of_kept;
    bool is_cut; /* a dead letter that was shortened */
};

struct irsa_outbox {
    struct irsa_outbox_options options;
    struct irsa_producer *producer; /* NULL while there is none */
    int fd;                         /* an epoll around the producer's, so that it stays the same */
    struct irsa_link kept;          /* letters: first those with the producer, then those that are not, each in order */
    struct irsa_link *unsent;       /* the first one that is not with the producer; &kept: all are */
    size_t count;
    bool is_broken;       /* the producer has to be made anew */
    int64_t mend_ms;      /* when */
    int64_t mend_wait_ms; /* grows while it does not help */
    struct irsa_error trouble;
};

/* Below people's settings: the worker repeats what it was given, and waits for a broker as long as it takes. */
static const struct irsa_pair defaults[] = {
    {"message.max.bytes", "16777216"},
    {"message.timeout.ms", "0"},
    {"queue.buffering.max.messages", "1000000"}, // the engine's own bounds are narrower
    {"linger.ms", "5"}, // measured: 5 % less CPU than 1, and nobody waits for it but the offset
};

static struct letter *letter_of(struct irsa_link *link) {
    return IRSA_OBJECT(link, struct letter, of_kept);
}

/* A matter of rights or settings does not pass by itself: nothing should be started whose outcome cannot be told. */
static bool is_trouble(enum irsa_code code) {
    return code == IRSA_CODE_ACCESS_DENIED || code == IRSA_CODE_CREDENTIALS || code == IRSA_CODE_CONFIG ||
           code == IRSA_CODE_TOO_LARGE;
}

static void break_producer(struct irsa_outbox *outbox, const struct irsa_error *err) {
    if (is_trouble(err->code))
        outbox->trouble = *err;
    if (outbox->is_broken)
        return;
    IRSA_LOG(WARN, "producer.broken", IRSA_TEXT("code", irsa_code_name(err->code)), IRSA_TEXT("error", err->message),
             IRSA_NUMBER("unacknowledged", outbox->count), IRSA_NUMBER("retry_in_ms", outbox->mend_wait_ms));
    outbox->is_broken = true;
    outbox->mend_ms = irsa_clock_monotonic_ms(outbox->options.clock) + outbox->mend_wait_ms;
    outbox->mend_wait_ms = outbox->mend_wait_ms * 2 < MEND_LATEST_MS ? outbox->mend_wait_ms * 2 : MEND_LATEST_MS;
}

/* --- what comes back ----------------------------------------------------------------------------------------------------- */

static void acknowledge(struct irsa_outbox *outbox, struct letter *letter) {
    struct irsa_task *task = letter->task;
    irsa_list_remove(&letter->of_kept);
    outbox->count--;
    outbox->mend_wait_ms = MEND_FIRST_MS;
    outbox->trouble.code = IRSA_CODE_NONE;
    task->outstanding--;
    outbox->options.acknowledged(outbox->options.self, task); // may release the task, and the letter with it
}

/* The job's own bytes go on as a dead letter, and nothing else does. */
static bool is_dead_letter(const struct letter *letter) {
    return letter->record.value != NULL && letter->record.value == letter->task->job.record.value;
}

/* Too large for the broker: its beginning goes in its place. False when that has been tried, or it is no dead letter. */
static bool cut(struct irsa_outbox *outbox, struct letter *letter) {
    if (letter->is_cut || !is_dead_letter(letter))
        return false;
    const struct irsa_record whole = letter->record;
    irsa_dead_letter_truncate(letter->task->job.arena, &whole, &letter->record);
    letter->is_cut = true;
    IRSA_LOG(WARN, "dead_letter.truncated", IRSA_NUMBER("partition", letter->task->job.record.partition),
             IRSA_NUMBER("offset", letter->task->job.record.offset), IRSA_NUMBER("bytes", whole.value_length));
    if (outbox->unsent == &letter->of_kept)
        return true; // it is the next to be sent
    irsa_list_remove(&letter->of_kept);
    irsa_list_append(&outbox->kept, &letter->of_kept);
    if (outbox->unsent == &outbox->kept)
        outbox->unsent = &letter->of_kept;
    return true;
}

static void on_delivered(void *self, const struct irsa_delivery *delivery) {
    struct irsa_outbox *outbox = self;
    struct letter *letter = delivery->tag;
    if (delivery->err == NULL)
        acknowledge(outbox, letter);
    else if (delivery->err->code != IRSA_CODE_TOO_LARGE || !cut(outbox, letter))
        break_producer(outbox, delivery->err); // stays in the list, and all of it is sent again
}

/* --- what goes out ------------------------------------------------------------------------------------------------------- */

static bool open_producer(struct irsa_outbox *outbox, struct irsa_error *err) {
    const struct irsa_producer_options options = {
        .kafka = outbox->options.kafka,
        .defaults = {defaults, sizeof defaults / sizeof defaults[0]},
        .delivered = on_delivered,
        .self = outbox,
    };
    outbox->producer = irsa_producer_open(&options, err);
    if (outbox->producer == NULL)
        return false;
    struct epoll_event event = {.events = EPOLLIN};
    epoll_ctl(outbox->fd, EPOLL_CTL_ADD, irsa_producer_fd(outbox->producer), &event);
    outbox->is_broken = false;
    outbox->unsent = outbox->kept.next;
    return true;
}

/* Until all are with the producer, or it takes no more. */
static void send_unsent(struct irsa_outbox *outbox) {
    struct irsa_error err;
    while (outbox->unsent != &outbox->kept && !outbox->is_broken) {
        struct letter *letter = letter_of(outbox->unsent);
        if (irsa_producer_send(outbox->producer, &letter->record, letter, &err))
            outbox->unsent = letter->of_kept.next;
        else if (irsa_producer_is_full(&err))
            return; // acknowledgements will make room
        else if (err.code != IRSA_CODE_TOO_LARGE || !cut(outbox, letter)) {
            if (irsa_producer_is_fatal(outbox->producer, &err))
                err.code = IRSA_CODE_UNAVAILABLE; // a new one will do
            break_producer(outbox, &err);
        }
    }
}

/* Closing delivers what the old producer still has: with errors, so that it stays in the list. */
static void mend(struct irsa_outbox *outbox) {
    struct irsa_error err;
    irsa_producer_close(outbox->producer);
    outbox->producer = NULL;
    if (open_producer(outbox, &err)) {
        IRSA_LOG(INFO, "producer.renewed", IRSA_NUMBER("to_send_again", outbox->count));
        return;
    }
    outbox->is_broken = false; // to be said anew
    break_producer(outbox, &err);
}

void irsa_outbox_put(struct irsa_outbox *outbox, struct irsa_task *task, const struct irsa_report *report) {
    for (size_t i = 0; i < report->count; i++) {
        struct letter *letter = IRSA_NEW(task->job.arena, struct letter);
        letter->record = report->records[i];
        letter->task = task;
        irsa_list_append(&outbox->kept, &letter->of_kept);
        if (outbox->unsent == &outbox->kept)
            outbox->unsent = &letter->of_kept;
    }
    task->outstanding += (unsigned)report->count;
    outbox->count += report->count;
    send_unsent(outbox);
}

void irsa_outbox_serve(struct irsa_outbox *outbox) {
    struct irsa_error err;
    if (outbox->producer != NULL) {
        irsa_producer_serve(outbox->producer, 0);
        if (!outbox->is_broken && irsa_producer_is_fatal(outbox->producer, &err)) {
            err.code = IRSA_CODE_UNAVAILABLE;
            break_producer(outbox, &err);
        }
    }
    if (outbox->is_broken && irsa_clock_monotonic_ms(outbox->options.clock) >= outbox->mend_ms)
        mend(outbox);
    send_unsent(outbox);
}

/* --- its life ------------------------------------------------------------------------------------------------------------ */

struct irsa_outbox *irsa_outbox_new(const struct irsa_outbox_options *options, struct irsa_error *err) {
    struct irsa_outbox *outbox = irsa_new(sizeof *outbox);
    outbox->options = *options;
    outbox->fd = epoll_create1(EPOLL_CLOEXEC);
    outbox->mend_wait_ms = MEND_FIRST_MS;
    irsa_link_init(&outbox->kept);
    if (open_producer(outbox, err))
        return outbox;
    irsa_outbox_free(outbox);
    return NULL;
}

static void forget(void *self, struct irsa_task *task) {
    (void)self;
    (void)task;
}

void irsa_outbox_free(struct irsa_outbox *outbox) {
    if (outbox == NULL)
        return;
    outbox->options.acknowledged = forget;
    outbox->is_broken = true; // what closing delivers is no news
    irsa_producer_close(outbox->producer);
    close(outbox->fd);
    free(outbox);
}

int irsa_outbox_fd(const struct irsa_outbox *outbox) {
    return outbox->fd;
}

int64_t irsa_outbox_next_ms(const struct irsa_outbox *outbox) {
    return outbox->is_broken ? outbox->mend_ms : INT64_MAX;
}

size_t irsa_outbox_count(const struct irsa_outbox *outbox) {
    return outbox->count;
}

const struct irsa_error *irsa_outbox_trouble(const struct irsa_outbox *outbox) {
    return outbox->trouble.code == IRSA_CODE_NONE ? NULL : &outbox->trouble;
}
