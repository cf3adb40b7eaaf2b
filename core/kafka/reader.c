/*
 * Following a topic without a group: the simple consumer, all partitions in one queue.
 */
#include "core/kafka/reader.h"

#include <stdlib.h>

#include "core/base/arena.h"
#include "core/base/clock.h"
#include "core/kafka/client.h"
#include "core/kafka/record.h"

struct reader_partition {
    bool is_started;
    bool is_caught_up;
    int64_t start; /* first offset to be read */
    int64_t end;   /* where it ended at open */
};

struct irsa_reader {
    rd_kafka_t *rk;
    rd_kafka_topic_t *topic;
    rd_kafka_queue_t *queue;
    struct reader_partition *partitions;
    size_t partition_count;
    size_t behind; /* partitions that are not caught up */
    bool has_told;
    int64_t since_ms;          /* older records are passed over */
    struct irsa_error failure; /* of the client as a whole; code NONE: none */
    struct irsa_client_reason reason;
    struct irsa_client_headers headers;
};

static const struct irsa_pair fixed_settings[] = {
    {"auto.offset.reset", "earliest"},
    {"enable.partition.eof", "true"},
};

/* Within rd_kafka_poll(), on the reader's thread. */
static void on_error(rd_kafka_t *rk, int code, const char *reason, void *self) {
    (void)rk;
    struct irsa_reader *reader = self;
    struct irsa_error err;
    irsa_client_note(&reader->reason, (rd_kafka_resp_err_t)code, reason);
    irsa_client_fail(&err, (rd_kafka_resp_err_t)code, reason);
    if (err.code != IRSA_CODE_UNAVAILABLE && err.code != IRSA_CODE_TIMEOUT) // those mend themselves
        reader->failure = err;
}

static bool find_partitions(struct irsa_reader *reader, int timeout_ms, struct irsa_error *err) {
    if (!irsa_client_count_partitions(reader->rk, &reader->reason, reader->topic, timeout_ms, &reader->partition_count,
                                      err)) {
        if (reader->failure.code != IRSA_CODE_NONE)
            *err = reader->failure; // why it could not be reached
        return false;
    }
    reader->partitions = irsa_new(reader->partition_count * sizeof *reader->partitions);
    return true;
}

static bool find_bounds(struct irsa_reader *reader, int64_t deadline_ms, struct irsa_error *err) {
    const char *topic = rd_kafka_topic_name(reader->topic);
    for (size_t i = 0; i < reader->partition_count; i++) {
        struct reader_partition *partition = &reader->partitions[i];
        rd_kafka_resp_err_t code = rd_kafka_query_watermark_offsets(
            reader->rk, topic, (int32_t)i, &partition->start, &partition->end, irsa_client_remaining_ms(deadline_ms));
        if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
            return irsa_client_fail(err, code, NULL);
    }
    return true;
}

/* The first offset whose record is not older than `time_ms`, per partition; below 0: none that the broker knows of. */
static rd_kafka_topic_partition_list_t *find_times(struct irsa_reader *reader, int64_t time_ms, int64_t deadline_ms,
                                                   struct irsa_error *err) {
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)reader->partition_count);
    for (size_t i = 0; i < reader->partition_count; i++)
        rd_kafka_topic_partition_list_add(list, rd_kafka_topic_name(reader->topic), (int32_t)i)->offset = time_ms;
    rd_kafka_resp_err_t code = rd_kafka_offsets_for_times(reader->rk, list, irsa_client_remaining_ms(deadline_ms));
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
        return list;
    irsa_client_fail(err, code, NULL);
    rd_kafka_topic_partition_list_destroy(list);
    return NULL;
}

/*
 * Start at a time. A broker that finds no offset has nothing that recent, or cannot look up times at all (the mock):
 * then it finds none for the year 1970 either, and the partition is read from its beginning.
 */
static bool start_at_time(struct irsa_reader *reader, int64_t deadline_ms, struct irsa_error *err) {
    rd_kafka_topic_partition_list_t *recent = find_times(reader, reader->since_ms, deadline_ms, err);
    rd_kafka_topic_partition_list_t *any = recent == NULL ? NULL : find_times(reader, 1, deadline_ms, err);
    for (size_t i = 0; any != NULL && i < reader->partition_count; i++) {
        struct reader_partition *partition = &reader->partitions[i];
        if (recent->elems[i].offset >= 0)
            partition->start = recent->elems[i].offset;
        else if (any->elems[i].offset >= 0)
            partition->start = partition->end;
    }
    bool is_fine = any != NULL;
    if (recent != NULL)
        rd_kafka_topic_partition_list_destroy(recent);
    if (any != NULL)
        rd_kafka_topic_partition_list_destroy(any);
    return is_fine;
}

static bool start(struct irsa_reader *reader, struct irsa_error *err) {
    reader->queue = rd_kafka_queue_new(reader->rk);
    for (size_t i = 0; i < reader->partition_count; i++) {
        struct reader_partition *partition = &reader->partitions[i];
        partition->is_caught_up = partition->start >= partition->end;
        reader->behind += !partition->is_caught_up;
        if (rd_kafka_consume_start_queue(reader->topic, (int32_t)i, partition->start, reader->queue) != 0)
            return irsa_client_fail(err, rd_kafka_last_error(), NULL);
        partition->is_started = true;
    }
    return true;
}

static bool attach(struct irsa_reader *reader, enum irsa_reader_start from, int64_t since_ms, int timeout_ms,
                   struct irsa_error *err) {
    int64_t deadline_ms = irsa_clock_monotonic_ms(irsa_clock_system()) + timeout_ms;
    reader->since_ms = from == IRSA_READER_TIME ? since_ms : INT64_MIN;
    if (!find_partitions(reader, timeout_ms, err) || !find_bounds(reader, deadline_ms, err))
        return false;
    for (size_t i = 0; from == IRSA_READER_END && i < reader->partition_count; i++)
        reader->partitions[i].start = reader->partitions[i].end;
    if (from == IRSA_READER_TIME && !start_at_time(reader, deadline_ms, err))
        return false;
    return start(reader, err);
}

struct irsa_reader *irsa_reader_open(struct irsa_pairs kafka, const char *topic, enum irsa_reader_start from,
                                     int64_t since_ms, int timeout_ms, struct irsa_error *err) {
    const struct irsa_client_settings settings = {
        .role = IRSA_CLIENT_CONSUMER,
        .given = kafka,
        .fixed = {fixed_settings, sizeof fixed_settings / sizeof fixed_settings[0]},
    };
    rd_kafka_conf_t *conf = irsa_client_conf(&settings, err);
    if (conf == NULL)
        return NULL;
    struct irsa_reader *reader = irsa_new(sizeof *reader);
    rd_kafka_conf_set_opaque(conf, reader);
    rd_kafka_conf_set_error_cb(conf, on_error);
    reader->rk = irsa_client_new(IRSA_CLIENT_CONSUMER, conf, err);
    if (reader->rk == NULL) {
        free(reader);
        return NULL;
    }
    reader->topic = rd_kafka_topic_new(reader->rk, topic, NULL);
    if (reader->topic == NULL)
        irsa_client_fail(err, rd_kafka_last_error(), NULL);
    else if (attach(reader, from, since_ms, timeout_ms, err))
        return reader;
    irsa_error_wrap(err, "topic %s", topic);
    irsa_reader_close(reader);
    return NULL;
}

void irsa_reader_close(struct irsa_reader *reader) {
    if (reader == NULL)
        return;
    for (size_t i = 0; i < reader->partition_count && reader->partitions != NULL; i++)
        if (reader->partitions[i].is_started)
            rd_kafka_consume_stop(reader->topic, (int32_t)i);
    if (reader->queue != NULL)
        rd_kafka_queue_destroy(reader->queue);
    if (reader->topic != NULL)
        rd_kafka_topic_destroy(reader->topic);
    rd_kafka_destroy(reader->rk);
    free(reader->partitions);
    free(reader->headers.at);
    free(reader);
}

static void move_on(struct irsa_reader *reader, int32_t number, int64_t next_offset) {
    struct reader_partition *partition = &reader->partitions[number];
    if (partition->is_caught_up || next_offset < partition->end)
        return;
    partition->is_caught_up = true;
    reader->behind--;
}

/* What one message means. NOTHING: look at the next one. */
static enum irsa_reader_state judge(struct irsa_reader *reader, struct irsa_arena *arena,
                                    const rd_kafka_message_t *message, struct irsa_record *out_record,
                                    struct irsa_error *err) {
    struct irsa_record record;
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
        move_on(reader, message->partition, message->offset);
        return IRSA_READER_NOTHING;
    }
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
        irsa_client_fail(err, message->err, rd_kafka_message_errstr(message));
        return IRSA_READER_FAILED;
    }
    move_on(reader, message->partition, message->offset + 1);
    irsa_client_record(message, &reader->headers, &record);
    if (record.timestamp_ms != IRSA_NO_TIME && record.timestamp_ms < reader->since_ms)
        return IRSA_READER_NOTHING;
    *out_record = irsa_record_copy(arena, &record);
    return IRSA_READER_RECORD;
}

enum irsa_reader_state irsa_reader_next(struct irsa_reader *reader, struct irsa_arena *arena, int timeout_ms,
                                        struct irsa_record *out_record, struct irsa_error *err) {
    int64_t deadline_ms = irsa_clock_monotonic_ms(irsa_clock_system()) + timeout_ms;
    bool is_last = false;
    while (!is_last) {
        if (reader->behind == 0 && !reader->has_told) {
            reader->has_told = true;
            return IRSA_READER_CAUGHT_UP;
        }
        rd_kafka_poll(reader->rk, 0);
        if (reader->failure.code != IRSA_CODE_NONE) {
            *err = reader->failure;
            return IRSA_READER_FAILED;
        }
        rd_kafka_message_t *message = rd_kafka_consume_queue(reader->queue, irsa_client_remaining_ms(deadline_ms));
        if (message != NULL) {
            enum irsa_reader_state state = judge(reader, arena, message, out_record, err);
            rd_kafka_message_destroy(message);
            if (state != IRSA_READER_NOTHING)
                return state;
        }
        is_last = message == NULL;
    }
    return IRSA_READER_NOTHING;
}
