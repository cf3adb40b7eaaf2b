/*
 * The loop over a topic that ends.
 */
#include "producer/topic_read.h"

#include "core/kafka/reader.h"
#include "producer/interrupt.h"
#include "producer/send.h"

#define POLL_MS 200

bool irsa_topic_read(const struct irsa_session *session, enum irsa_topic which, int64_t since_ms,
                     irsa_topic_take_fn *take, void *self, struct irsa_error *err) {
    const char *topic = irsa_topic_name(session->arena, session->settings.topics_prefix, which);
    enum irsa_reader_start start = since_ms == IRSA_NO_TIME ? IRSA_READER_BEGINNING : IRSA_READER_TIME;
    struct irsa_reader *reader =
        irsa_reader_open(session->kafka, topic, start, since_ms, (int)session->settings.broker_timeout_ms, err);
    if (reader == NULL)
        return irsa_broker_explain(session, topic, err);
    struct irsa_arena *arena = irsa_arena_new();
    bool is_fine = true, is_over = false;
    if (!irsa_interrupted()) // else the next Ctrl-C is the last one
        irsa_interrupt_catch();
    while (is_fine && !is_over && !irsa_interrupted()) {
        struct irsa_record record;
        irsa_arena_clear(arena);
        enum irsa_reader_state found = irsa_reader_next(reader, arena, POLL_MS, &record, err);
        is_over = found == IRSA_READER_CAUGHT_UP;
        if (found == IRSA_READER_RECORD)
            is_fine = take(self, arena, &record, err);
        else if (found == IRSA_READER_FAILED)
            is_fine = irsa_code_fate(err->code) == IRSA_FATE_RETRY;
    }
    irsa_arena_free(arena);
    irsa_reader_close(reader);
    return is_fine;
}
