/*
 * The loop over a topic that ends, or that is followed.
 */
#include "producer/topic_read.h"

#include "core/base/arena.h"
#include "core/base/clock.h"
#include "core/kafka/reader.h"
#include "producer/interrupt.h"
#include "producer/send.h"

#define POLL_MS 200

/* What one step of the loop leaves for the next one. */
struct progress {
    const struct irsa_topic_reading *reading;
    const char *topic;
    int64_t patience_ms;
    int64_t heard_ms; /* when a record, or the end, was last seen */
    bool is_at_end;
};

static int64_t now_ms(void) {
    return irsa_clock_monotonic_ms(irsa_clock_system());
}

/* Nothing came. Behind the end there is nothing to come; before it somebody owes us an answer. */
static bool is_patient(const struct progress *progress, struct irsa_error *err) {
    int64_t silence_ms = now_ms() - progress->heard_ms;
    if (progress->is_at_end || progress->reading->follow || silence_ms < progress->patience_ms)
        return true;
    return IRSA_FAIL(err, UNAVAILABLE,
                     "reading %s: the brokers have said nothing for %lld s, and its end is not reached: %s",
                     progress->topic, (long long)(silence_ms / 1000),
                     err->code != IRSA_CODE_NONE ? err->message : "no error is known");
}

/* One record, or what there is instead of it. */
static bool step(struct progress *progress, struct irsa_reader *reader, struct irsa_arena *arena,
                 struct irsa_error *err) {
    struct irsa_record record;
    irsa_error_clear(err);
    switch (irsa_reader_next(reader, arena, POLL_MS, &record, err)) {
    case IRSA_READER_RECORD:
        progress->heard_ms = now_ms();
        return progress->reading->take(progress->reading->self, arena, &record, err);
    case IRSA_READER_CAUGHT_UP:
        progress->is_at_end = true;
        return true;
    case IRSA_READER_FAILED:
        return irsa_code_fate(err->code) == IRSA_FATE_RETRY && is_patient(progress, err);
    case IRSA_READER_NOTHING:
        break;
    }
    return is_patient(progress, err);
}

bool irsa_topic_read(const struct irsa_session *session, const struct irsa_topic_reading *reading,
                     struct irsa_error *err) {
    int timeout_ms = (int)session->settings.broker_timeout_ms;
    enum irsa_reader_start start = reading->since_ms == IRSA_NO_TIME ? IRSA_READER_BEGINNING : IRSA_READER_TIME;
    struct progress progress = {
        .reading = reading,
        .topic = irsa_topic_name(session->arena, session->settings.topics_prefix, reading->topic),
        .patience_ms = timeout_ms,
    };
    struct irsa_reader *reader =
        irsa_reader_open(session->kafka, progress.topic, start, reading->since_ms, timeout_ms, err);
    if (reader == NULL)
        return irsa_broker_explain(session, progress.topic, err);
    struct irsa_arena *arena = irsa_arena_new();
    bool is_fine = true;
    progress.heard_ms = now_ms();
    if (!irsa_interrupted()) // else the next Ctrl-C is the last one
        irsa_interrupt_catch();
    if (reading->opened != NULL)
        reading->opened(reading->self);
    while (is_fine && (reading->follow || !progress.is_at_end) && !irsa_interrupted()) {
        irsa_arena_clear(arena);
        is_fine = step(&progress, reader, arena, err);
    }
    irsa_arena_free(arena);
    irsa_reader_close(reader);
    return is_fine;
}
