/*
 * The idempotent producer. Delivery reports come as events, many at a time, on the client's main queue.
 */
#include "core/kafka/producer.h"

#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "core/base/arena.h"
#include "core/base/text.h"
#include "core/kafka/client.h"

#define TOPICS_MAX    8    /* handles kept, so that a send need not look the topic up under librdkafka's lock */
#define PURGE_WAIT_MS 5000 /* what close waits for requests in flight to be given up */

struct irsa_producer {
    rd_kafka_t *rk;
    rd_kafka_queue_t *queue;
    int fd;
    size_t outstanding;
    rd_kafka_topic_t *topics[TOPICS_MAX];
    size_t topic_count;
    struct irsa_producer_options options;
};

struct irsa_producer *irsa_producer_open(const struct irsa_producer_options *options, struct irsa_error *err) {
    const struct irsa_client_settings settings = {
        .role = IRSA_CLIENT_PRODUCER, .defaults = options->defaults, .given = options->kafka};
    rd_kafka_conf_t *conf = irsa_client_conf(&settings, err);
    if (conf == NULL)
        return NULL;
    rd_kafka_conf_set_events(conf, RD_KAFKA_EVENT_DR | RD_KAFKA_EVENT_ERROR);
    rd_kafka_t *rk = irsa_client_new(IRSA_CLIENT_PRODUCER, conf, err);
    if (rk == NULL)
        return NULL;
    struct irsa_producer *producer = irsa_new(sizeof *producer);
    producer->options = *options;
    producer->rk = rk;
    producer->queue = rd_kafka_queue_get_main(rk);
    producer->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    irsa_client_wake(producer->queue, producer->fd);
    return producer;
}

void irsa_producer_close(struct irsa_producer *producer) {
    if (producer == NULL)
        return;
    rd_kafka_purge(producer->rk, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    for (int waited_ms = 0; producer->outstanding > 0 && waited_ms < PURGE_WAIT_MS; waited_ms += 100)
        irsa_producer_serve(producer, 100);
    for (size_t i = 0; i < producer->topic_count; i++)
        rd_kafka_topic_destroy(producer->topics[i]);
    rd_kafka_queue_io_event_enable(producer->queue, -1, NULL, 0);
    rd_kafka_queue_destroy(producer->queue);
    rd_kafka_destroy(producer->rk);
    close(producer->fd);
    free(producer);
}

/* The handle of a topic, NULL when librdkafka refuses the name. Given back with release_topic(). */
static rd_kafka_topic_t *find_topic(struct irsa_producer *producer, const char *name) {
    for (size_t i = 0; i < producer->topic_count; i++)
        if (strcmp(rd_kafka_topic_name(producer->topics[i]), name) == 0)
            return producer->topics[i];
    rd_kafka_topic_t *topic = rd_kafka_topic_new(producer->rk, name, NULL);
    if (topic != NULL && producer->topic_count < TOPICS_MAX)
        producer->topics[producer->topic_count++] = topic;
    return topic;
}

static void release_topic(struct irsa_producer *producer, rd_kafka_topic_t *topic) {
    for (size_t i = 0; i < producer->topic_count; i++)
        if (producer->topics[i] == topic)
            return;
    rd_kafka_topic_destroy(topic);
}

static rd_kafka_headers_t *copy_headers(const struct irsa_record *record) {
    if (record->header_count == 0)
        return NULL;
    rd_kafka_headers_t *headers = rd_kafka_headers_new(record->header_count);
    for (size_t i = 0; i < record->header_count; i++) {
        const struct irsa_header *header = &record->headers[i];
        rd_kafka_header_add(headers, header->name, -1, header->value, (ssize_t)header->length);
    }
    return headers;
}

/* librdkafka takes `void *` for what it copies. */
static void *unconst(const void *bytes) {
    void *same;
    memcpy(&same, &bytes, sizeof same);
    return same;
}

static rd_kafka_error_t *produce(struct irsa_producer *producer, const struct irsa_record *record,
                                 rd_kafka_topic_t *topic, rd_kafka_headers_t *headers, void *tag) {
    // an array in place of the RD_KAFKA_V_ macros, which are no ISO C
    rd_kafka_vu_t vu[] = {
        {.vtype = RD_KAFKA_VTYPE_RKT, .u.rkt = topic},
        {.vtype = RD_KAFKA_VTYPE_PARTITION, .u.i32 = record->partition < 0 ? RD_KAFKA_PARTITION_UA : record->partition},
        {.vtype = RD_KAFKA_VTYPE_MSGFLAGS, .u.i = RD_KAFKA_MSG_F_COPY},
        {.vtype = RD_KAFKA_VTYPE_VALUE, .u.mem = {unconst(record->value), record->value_length}},
        {.vtype = RD_KAFKA_VTYPE_KEY, .u.mem = {unconst(record->key), record->key_length}},
        {.vtype = RD_KAFKA_VTYPE_OPAQUE, .u.ptr = tag},
        {.vtype = RD_KAFKA_VTYPE_TIMESTAMP, .u.i64 = record->timestamp_ms > 0 ? record->timestamp_ms : 0},
        {.vtype = RD_KAFKA_VTYPE_HEADERS, .u.headers = headers},
    };
    size_t count = sizeof vu / sizeof vu[0];
    return rd_kafka_produceva(producer->rk, vu, headers != NULL ? count : count - 1);
}

bool irsa_producer_send(struct irsa_producer *producer, const struct irsa_record *record, void *tag,
                        struct irsa_error *err) {
    rd_kafka_topic_t *topic = find_topic(producer, record->topic);
    if (topic == NULL)
        return irsa_client_fail(err, rd_kafka_last_error(), NULL);
    rd_kafka_headers_t *headers = copy_headers(record);
    rd_kafka_error_t *error = produce(producer, record, topic, headers, tag);
    release_topic(producer, topic);
    if (error != NULL && headers != NULL)
        rd_kafka_headers_destroy(headers); // on success they are librdkafka's
    if (!irsa_client_take_error(error, err)) {
        if (err->code == IRSA_CODE_NOT_FOUND)
            err->code = IRSA_CODE_CONFIG;
        return false;
    }
    producer->outstanding++;
    return true;
}

bool irsa_producer_is_full(const struct irsa_error *err) {
    return err->code == IRSA_CODE_UNAVAILABLE && irsa_text_equal(err->upstream, "_QUEUE_FULL");
}

int irsa_producer_fd(const struct irsa_producer *producer) {
    return producer->fd;
}

static void deliver(struct irsa_producer *producer, const rd_kafka_message_t *message) {
    struct irsa_delivery delivery = {.tag = message->_private, .partition = message->partition, .offset = -1};
    struct irsa_error err;
    producer->outstanding--;
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
        delivery.offset = message->offset;
    } else {
        irsa_client_fail(&err, message->err, NULL);
        if (err.code == IRSA_CODE_NOT_FOUND) // a topic that is missing is a matter of settings
            err.code = IRSA_CODE_CONFIG;
        else if (message->err == RD_KAFKA_RESP_ERR__FATAL)
            err.code = IRSA_CODE_UNAVAILABLE; // it was not refused: another producer may send it
        delivery.err = &err;
    }
    producer->options.delivered(producer->options.self, &delivery);
}

static size_t deliver_all(struct irsa_producer *producer, rd_kafka_event_t *event) {
    const rd_kafka_message_t *messages[256];
    size_t total = 0, count;
    while ((count = rd_kafka_event_message_array(event, messages, sizeof messages / sizeof messages[0])) > 0) {
        for (size_t i = 0; i < count; i++)
            deliver(producer, messages[i]);
        total += count;
    }
    return total;
}

size_t irsa_producer_serve(struct irsa_producer *producer, int timeout_ms) {
    uint64_t wakes;
    if (read(producer->fd, &wakes, sizeof wakes) < 0) {
        // no wake-up since the last time; the queue is asked all the same
    }
    size_t served = 0;
    rd_kafka_event_t *event = rd_kafka_queue_poll(producer->queue, timeout_ms);
    for (; event != NULL; event = rd_kafka_queue_poll(producer->queue, 0)) {
        if (rd_kafka_event_type(event) == RD_KAFKA_EVENT_DR)
            served += deliver_all(producer, event);
        rd_kafka_event_destroy(event); // errors of the client are in its log; a fatal one is asked for
    }
    return served;
}

size_t irsa_producer_outstanding(const struct irsa_producer *producer) {
    return producer->outstanding;
}

bool irsa_producer_is_fatal(struct irsa_producer *producer, struct irsa_error *err) {
    char reason[512] = "";
    rd_kafka_resp_err_t code = rd_kafka_fatal_error(producer->rk, reason, sizeof reason);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
        return false;
    IRSA_FAIL(err, CONFIG, "the producer met a fatal error: %s", reason);
    irsa_error_from(err, "kafka", rd_kafka_err2name(code));
    return true;
}
