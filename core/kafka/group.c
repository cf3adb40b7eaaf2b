/*
 * Committed offsets, ends, and the first record that is left of each partition.
 */
#include "core/kafka/group.h"

#include "core/base/clock.h"
#include "core/kafka/client.h"

struct group_reading {
    rd_kafka_t *rk;
    struct irsa_client_reason reason;
    const char *topic;
    struct irsa_arena *arena;
    struct irsa_group_partition *partitions;
    size_t count;
    int64_t deadline_ms;
};

static int remaining_ms(const struct group_reading *reading) {
    return irsa_client_remaining_ms(reading->deadline_ms);
}

static bool find_partitions(struct group_reading *reading, struct irsa_error *err) {
    rd_kafka_topic_t *topic = rd_kafka_topic_new(reading->rk, reading->topic, NULL);
    if (topic == NULL)
        return irsa_client_fail(err, rd_kafka_last_error(), NULL);
    bool is_fine =
        irsa_client_count_partitions(reading->rk, &reading->reason, topic, remaining_ms(reading), &reading->count, err);
    rd_kafka_topic_destroy(topic);
    if (is_fine)
        reading->partitions = IRSA_NEW_ARRAY(reading->arena, struct irsa_group_partition, reading->count);
    return is_fine;
}

static bool find_ends(struct group_reading *reading, struct irsa_error *err) {
    for (size_t i = 0; i < reading->count; i++) {
        struct irsa_group_partition *partition = &reading->partitions[i];
        *partition = (struct irsa_group_partition){.partition = (int32_t)i, .metadata = "", .first_ms = IRSA_NO_TIME};
        rd_kafka_resp_err_t code =
            rd_kafka_query_watermark_offsets(reading->rk, reading->topic, partition->partition, &partition->begin,
                                             &partition->end, remaining_ms(reading));
        if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
            return irsa_client_fail(err, code, NULL);
    }
    return true;
}

/* An answer for one partition. */
static bool take_committed(struct group_reading *reading, const rd_kafka_topic_partition_t *found,
                           struct irsa_error *err) {
    if (found->err != RD_KAFKA_RESP_ERR_NO_ERROR)
        return irsa_client_fail(err, found->err, NULL);
    struct irsa_group_partition *partition = &reading->partitions[found->partition];
    partition->committed = found->offset >= 0 ? found->offset : -1;
    if (found->metadata_size > 0)
        partition->metadata = irsa_arena_copy_bytes(reading->arena, found->metadata, found->metadata_size);
    return true;
}

static bool find_committed(struct group_reading *reading, struct irsa_error *err) {
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)reading->count);
    for (size_t i = 0; i < reading->count; i++)
        rd_kafka_topic_partition_list_add(list, reading->topic, (int32_t)i);
    rd_kafka_resp_err_t code = rd_kafka_committed(reading->rk, list, remaining_ms(reading));
    bool is_fine = code == RD_KAFKA_RESP_ERR_NO_ERROR || irsa_client_fail(err, code, NULL);
    for (int i = 0; is_fine && i < list->cnt; i++)
        is_fine = take_committed(reading, &list->elems[i], err);
    rd_kafka_topic_partition_list_destroy(list);
    return is_fine;
}

/* --- the first record that is left ---------------------------------------------------------------------------------------- */

/* Where the group goes on. */
static int64_t first_left(const struct irsa_group_partition *partition) {
    return partition->committed > partition->begin ? partition->committed : partition->begin;
}

static rd_kafka_topic_partition_list_t *list_behind(const struct group_reading *reading) {
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)reading->count);
    for (size_t i = 0; i < reading->count; i++)
        if (first_left(&reading->partitions[i]) < reading->partitions[i].end)
            rd_kafka_topic_partition_list_add(list, reading->topic, (int32_t)i)->offset =
                first_left(&reading->partitions[i]);
    return list;
}

/* A record, or the end of its partition (what was left has no records)? What passes by itself is waited for. */
static bool is_readable(const rd_kafka_message_t *message, struct irsa_error *err) {
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR || message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF)
        return true;
    irsa_client_fail(err, message->err, rd_kafka_message_errstr(message));
    return false;
}

/* A readable message. True when it is its partition's first. */
static bool take_first(struct group_reading *reading, bool *is_seen, const rd_kafka_message_t *message) {
    rd_kafka_timestamp_type_t type;
    if (message->partition < 0 || (size_t)message->partition >= reading->count || is_seen[message->partition])
        return false;
    is_seen[message->partition] = true;
    int64_t time_ms = message->err == RD_KAFKA_RESP_ERR_NO_ERROR ? rd_kafka_message_timestamp(message, &type) : -1;
    reading->partitions[message->partition].first_ms = time_ms >= 0 ? time_ms : IRSA_NO_TIME;
    return true;
}

static bool find_first(struct group_reading *reading, struct irsa_error *err) {
    rd_kafka_topic_partition_list_t *behind = list_behind(reading);
    bool *is_seen = IRSA_NEW_ARRAY(reading->arena, bool, reading->count);
    int missing = behind->cnt;
    rd_kafka_poll_set_consumer(reading->rk);
    rd_kafka_resp_err_t code = missing > 0 ? rd_kafka_assign(reading->rk, behind) : RD_KAFKA_RESP_ERR_NO_ERROR;
    rd_kafka_topic_partition_list_destroy(behind);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
        return irsa_client_fail(err, code, NULL);
    while (missing > 0) {
        rd_kafka_message_t *message = rd_kafka_consumer_poll(reading->rk, remaining_ms(reading));
        if (message == NULL)
            return IRSA_FAIL(err, TIMEOUT, "the first records that are left were not read in time");
        bool is_fine = is_readable(message, err);
        missing -= is_fine && take_first(reading, is_seen, message);
        rd_kafka_message_destroy(message);
        if (!is_fine && irsa_code_fate(err->code) != IRSA_FATE_RETRY)
            return false;
    }
    return true;
}

/* ------------------------------------------------------------------------------------------------------------------------ */

static rd_kafka_t *open_client(struct irsa_pairs kafka, const char *group, struct irsa_client_reason *out_reason,
                               struct irsa_error *err) {
    static const struct irsa_pair defaults[] = {{"queued.max.messages.kbytes", "1024"}}; // one record of each is read
    static const struct irsa_pair fixed[] = {
        {"auto.offset.reset", "earliest"}, {"enable.partition.eof", "true"}, {"enable.auto.commit", "false"}};
    const struct irsa_client_settings settings = {.role = IRSA_CLIENT_CONSUMER,
                                                  .defaults = {defaults, 1},
                                                  .given = kafka,
                                                  .fixed = {fixed, sizeof fixed / sizeof *fixed}};
    rd_kafka_conf_t *conf = irsa_client_conf(&settings, err);
    char reason[256];
    if (conf == NULL)
        return NULL;
    if (rd_kafka_conf_set(conf, "group.id", group, reason, sizeof reason) != RD_KAFKA_CONF_OK) {
        rd_kafka_conf_destroy(conf);
        (void)IRSA_FAIL(err, CONFIG, "%s", reason);
        return NULL;
    }
    irsa_client_watch(conf, out_reason);
    return irsa_client_new(IRSA_CLIENT_CONSUMER, conf, err);
}

bool irsa_group_read(struct irsa_pairs kafka, const char *group, const char *topic, int timeout_ms,
                     struct irsa_arena *arena, const struct irsa_group_partition **out_partitions, size_t *out_count,
                     struct irsa_error *err) {
    struct group_reading reading = {
        .topic = topic, .arena = arena, .deadline_ms = irsa_clock_monotonic_ms(irsa_clock_system()) + timeout_ms};
    reading.rk = open_client(kafka, group, &reading.reason, err);
    if (reading.rk == NULL)
        return false;
    bool is_fine = find_partitions(&reading, err) && find_ends(&reading, err) && find_committed(&reading, err) &&
                   find_first(&reading, err);
    rd_kafka_destroy(reading.rk);
    if (!is_fine)
        return irsa_error_wrap(err, "topic %s", topic);
    *out_partitions = reading.partitions;
    *out_count = reading.count;
    return true;
}
