/*
 * Making clients, and turning librdkafka's errors and messages into ours.
 */
#include "core/kafka/client.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/base/arena.h"
#include "core/base/clock.h"
#include "core/base/log.h"

#define SYSLOG_WARNING 4 /* librdkafka logs with the levels of syslog(3) */

/* librdkafka's own threads call this. */
static void log_line(const rd_kafka_t *rk, int level, const char *facility, const char *line) {
    if (level <= SYSLOG_WARNING)
        IRSA_LOG(WARN, "kafka.logged", IRSA_TEXT("client", rk != NULL ? rd_kafka_name(rk) : NULL),
                 IRSA_TEXT("facility", facility), IRSA_TEXT("message", line));
    else
        IRSA_LOG(DEBUG, "kafka.logged", IRSA_TEXT("client", rk != NULL ? rd_kafka_name(rk) : NULL),
                 IRSA_TEXT("facility", facility), IRSA_TEXT("message", line));
}

rd_kafka_t *irsa_client_new(enum irsa_client_role role, rd_kafka_conf_t *conf, struct irsa_error *err) {
    char reason[512];
    rd_kafka_conf_set_log_cb(conf, log_line);
    rd_kafka_t *rk =
        rd_kafka_new(role == IRSA_CLIENT_PRODUCER ? RD_KAFKA_PRODUCER : RD_KAFKA_CONSUMER, conf, reason, sizeof reason);
    if (rk == NULL) {
        rd_kafka_conf_destroy(conf);
        IRSA_FAIL(err, CONFIG, "kafka settings: %s", reason);
        irsa_error_from(err, "kafka", "");
    }
    return rk;
}

/* What an error means to us. Everything that is not named may pass by itself: UNAVAILABLE. */
static enum irsa_code code_of(rd_kafka_resp_err_t code) {
    switch ((int)code) { // an int, since newer versions have values that this one does not name
    case RD_KAFKA_RESP_ERR__TIMED_OUT:
    case RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE:
    case RD_KAFKA_RESP_ERR__MSG_TIMED_OUT:
    case RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT:
        return IRSA_CODE_TIMEOUT;
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE:
    case RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_OFFSET_METADATA_TOO_LARGE:
        return IRSA_CODE_TOO_LARGE;
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED:
        return IRSA_CODE_ACCESS_DENIED;
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
    case RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED:
        return IRSA_CODE_CREDENTIALS;
    case RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION:
    case RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID:
    case RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID:
    case RD_KAFKA_RESP_ERR__ASSIGNMENT_LOST:
        return IRSA_CODE_CONFLICT;
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
        return IRSA_CODE_NOT_FOUND;
    case RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION: // INVALID_TOPIC_EXCEPTION: a name that Kafka refuses
    case RD_KAFKA_RESP_ERR__FATAL:
    case RD_KAFKA_RESP_ERR__INVALID_ARG:
    case RD_KAFKA_RESP_ERR__UNKNOWN_GROUP:
        return IRSA_CODE_CONFIG;
    default:
        return IRSA_CODE_UNAVAILABLE;
    }
}

bool irsa_client_fail(struct irsa_error *err, rd_kafka_resp_err_t code, const char *detail) {
    if (detail != NULL && detail[0] != '\0')
        irsa_error_set(err, code_of(code), "%s", detail);
    else
        irsa_error_set(err, code_of(code), "%s", rd_kafka_err2str(code));
    return irsa_error_from(err, "kafka", rd_kafka_err2name(code));
}

void irsa_client_note(struct irsa_client_reason *reason, rd_kafka_resp_err_t code, const char *text) {
    if (code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) // follows the reason, and tells none
        return;
    snprintf(reason->text, sizeof reason->text, "%s", text);
}

static void on_error(rd_kafka_t *rk, int code, const char *text, void *self) {
    (void)rk;
    irsa_client_note(self, (rd_kafka_resp_err_t)code, text);
}

void irsa_client_watch(rd_kafka_conf_t *conf, struct irsa_client_reason *reason) {
    rd_kafka_conf_set_opaque(conf, reason);
    rd_kafka_conf_set_error_cb(conf, on_error);
}

bool irsa_client_explain(rd_kafka_t *rk, const struct irsa_client_reason *reason, rd_kafka_resp_err_t code,
                         struct irsa_error *err) {
    rd_kafka_poll(rk, 0);
    bool has_waited = code_of(code) == IRSA_CODE_TIMEOUT || code_of(code) == IRSA_CODE_UNAVAILABLE;
    return irsa_client_fail(err, code, has_waited ? reason->text : NULL);
}

bool irsa_client_take_error(rd_kafka_error_t *error, struct irsa_error *err) {
    if (error == NULL)
        return true;
    irsa_client_fail(err, rd_kafka_error_code(error), rd_kafka_error_string(error));
    rd_kafka_error_destroy(error);
    return false;
}

void irsa_client_wake(rd_kafka_queue_t *queue, int fd) {
    const uint64_t one = 1;
    rd_kafka_queue_io_event_enable(queue, fd, &one, sizeof one);
    ssize_t written = write(fd, &one, sizeof one);
    (void)written; // fails only when the counter is at its end: readable as well
}

int irsa_client_remaining_ms(int64_t deadline_ms) {
    int64_t left = deadline_ms - irsa_clock_monotonic_ms(irsa_clock_system());
    return left > 0 ? (int)left : 1;
}

bool irsa_client_count_partitions(rd_kafka_t *rk, const struct irsa_client_reason *reason, rd_kafka_topic_t *topic,
                                  int timeout_ms, size_t *out_count, struct irsa_error *err) {
    const struct rd_kafka_metadata *metadata;
    rd_kafka_resp_err_t code = rd_kafka_metadata(rk, 0, topic, &metadata, timeout_ms);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
        irsa_client_explain(rk, reason, code, err);
        return false;
    }
    const struct rd_kafka_metadata_topic *found = metadata->topic_cnt > 0 ? &metadata->topics[0] : NULL;
    code = found == NULL ? RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART : found->err;
    size_t count = found == NULL ? 0 : (size_t)found->partition_cnt;
    rd_kafka_metadata_destroy(metadata);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR && count == 0)
        code = RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
        irsa_client_fail(err, code, NULL);
        return false;
    }
    *out_count = count;
    return true;
}

static size_t read_headers(const rd_kafka_message_t *message, struct irsa_client_headers *headers) {
    rd_kafka_headers_t *list;
    if (rd_kafka_message_headers(message, &list) != RD_KAFKA_RESP_ERR_NO_ERROR)
        return 0;
    size_t count = rd_kafka_header_cnt(list);
    if (count > headers->capacity) {
        headers->capacity = count + 32;
        headers->at = irsa_grow(headers->at, headers->capacity, sizeof *headers->at);
    }
    for (size_t i = 0; i < count; i++) {
        struct irsa_header *header = &headers->at[i];
        header->length = 0;
        header->value = NULL;
        rd_kafka_header_get_all(list, i, &header->name, &header->value, &header->length);
    }
    return count;
}

void irsa_client_record(const rd_kafka_message_t *message, struct irsa_client_headers *headers,
                        struct irsa_record *out_record) {
    rd_kafka_timestamp_type_t type;
    int64_t timestamp_ms = rd_kafka_message_timestamp(message, &type);
    size_t header_count = read_headers(message, headers);
    *out_record = (struct irsa_record){
        .topic = rd_kafka_topic_name(message->rkt),
        .partition = message->partition,
        .offset = message->offset,
        .timestamp_ms = type == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE ? IRSA_NO_TIME : timestamp_ms,
        .key = message->key,
        .key_length = message->key_len,
        .value = message->payload,
        .value_length = message->len,
        .headers = header_count > 0 ? headers->at : NULL,
        .header_count = header_count,
    };
}
