/*
 * The group consumer: rebalances by callback, records from one queue per partition.
 */
#include "core/kafka/consumer.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "core/base/arena.h"
#include "core/base/clock.h"
#include "core/kafka/client.h"
#include "core/kafka/consumer_private.h"

#define LEAVE_MS      10000 /* for giving partitions up, beside what the callback waits for */
#define LEAVE_POLL_MS 10

static const struct irsa_pair fixed_settings[] = {
    {"enable.auto.commit", "false"},
    {"enable.auto.offset.store", "false"},
    {"auto.offset.reset", "error"}, // where to begin is the caller's to say
    {"enable.partition.eof", "true"},
};

/* The partitions of a list, as plain numbers. Freed by the caller. */
static int32_t *list_numbers(const rd_kafka_topic_partition_list_t *list) {
    int32_t *numbers = irsa_new(((size_t)list->cnt + 1) * sizeof *numbers);
    for (int i = 0; i < list->cnt; i++)
        numbers[i] = list->elems[i].partition;
    return numbers;
}

static void check(struct irsa_consumer *consumer, rd_kafka_error_t *error) {
    struct irsa_error err;
    if (!irsa_client_take_error(error, &err))
        consumer->events.failed(consumer->events.self, &err);
}

static bool is_cooperative(rd_kafka_t *rk) {
    const char *protocol = rd_kafka_rebalance_protocol(rk);
    return protocol != NULL && strcmp(protocol, "COOPERATIVE") == 0;
}

static rd_kafka_error_t *assign_all(rd_kafka_t *rk, const rd_kafka_topic_partition_list_t *list) {
    rd_kafka_resp_err_t code = rd_kafka_assign(rk, list);
    return code == RD_KAFKA_RESP_ERR_NO_ERROR ? NULL : rd_kafka_error_new(code, "%s", rd_kafka_err2str(code));
}

static void on_assigned(rd_kafka_t *rk, struct irsa_consumer *consumer, const rd_kafka_topic_partition_list_t *list) {
    int32_t *numbers = list_numbers(list);
    const struct irsa_assignment assignment = {numbers, (size_t)list->cnt};
    consumer->starting = rd_kafka_topic_partition_list_new(list->cnt);
    consumer->events.assigned(consumer->events.self, &assignment);
    check(consumer, is_cooperative(rk) ? rd_kafka_incremental_assign(rk, consumer->starting)
                                       : assign_all(rk, consumer->starting));
    rd_kafka_topic_partition_list_destroy(consumer->starting);
    consumer->starting = NULL;
    free(numbers);
}

static void stop(struct irsa_consumer *consumer, int32_t partition) {
    rd_kafka_queue_t *queue = consumer->partitions[partition].queue;
    consumer->partitions[partition].queue = NULL;
    rd_kafka_queue_io_event_enable(queue, -1, NULL, 0);
    rd_kafka_queue_destroy(queue);
}

static bool is_started(const struct irsa_consumer *consumer, int32_t partition) {
    return partition >= 0 && (size_t)partition < consumer->partition_count &&
           consumer->partitions[partition].queue != NULL;
}

static void on_revoked(rd_kafka_t *rk, struct irsa_consumer *consumer, const rd_kafka_topic_partition_list_t *list) {
    int32_t *numbers = list_numbers(list);
    const struct irsa_assignment assignment = {numbers, (size_t)list->cnt};
    consumer->events.revoked(consumer->events.self, &assignment, rd_kafka_assignment_lost(rk) != 0);
    for (int i = 0; i < list->cnt; i++)
        if (is_started(consumer, numbers[i]))
            stop(consumer, numbers[i]);
    check(consumer, is_cooperative(rk) ? rd_kafka_incremental_unassign(rk, list) : assign_all(rk, NULL));
    free(numbers);
}

static void on_rebalance(rd_kafka_t *rk, rd_kafka_resp_err_t code, rd_kafka_topic_partition_list_t *list, void *self) {
    struct irsa_consumer *consumer = self;
    if (code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS)
        on_assigned(rk, consumer, list);
    else
        on_revoked(rk, consumer, list); // also what librdkafka asks for after an error of its own
}

/* What is fatal comes as such, and why is asked for. */
static void explain(rd_kafka_t *rk, rd_kafka_resp_err_t code, const char *reason, struct irsa_error *out_err) {
    char fatal[512] = "";
    if (code != RD_KAFKA_RESP_ERR__FATAL) {
        irsa_client_fail(out_err, code, reason);
        return;
    }
    rd_kafka_resp_err_t cause = rd_kafka_fatal_error(rk, fatal, sizeof fatal);
    irsa_client_fail(out_err, cause, fatal);
    if (out_err->code != IRSA_CODE_CONFLICT) // fenced by a member of the same instance id
        out_err->code = IRSA_CODE_CONFIG;
}

/* Errors of the client as a whole. Lost connections mend themselves and are in the log. */
static void on_error(rd_kafka_t *rk, int code, const char *reason, void *self) {
    struct irsa_consumer *consumer = self;
    struct irsa_error err;
    explain(rk, (rd_kafka_resp_err_t)code, reason, &err);
    if (err.code != IRSA_CODE_UNAVAILABLE && err.code != IRSA_CODE_TIMEOUT)
        consumer->events.failed(consumer->events.self, &err);
}

static rd_kafka_t *open_client(struct irsa_consumer *consumer, const struct irsa_consumer_options *options,
                               struct irsa_error *err) {
    const struct irsa_client_settings settings = {
        .role = IRSA_CLIENT_CONSUMER,
        .is_member = true,
        .defaults = options->defaults,
        .given = options->kafka,
        .fixed = {fixed_settings, sizeof fixed_settings / sizeof fixed_settings[0]},
    };
    rd_kafka_conf_t *conf = irsa_client_conf(&settings, err);
    if (conf == NULL)
        return NULL;
    rd_kafka_conf_set_opaque(conf, consumer);
    rd_kafka_conf_set_rebalance_cb(conf, on_rebalance);
    rd_kafka_conf_set_error_cb(conf, on_error);
    return irsa_client_new(IRSA_CLIENT_CONSUMER, conf, err);
}

static bool subscribe(struct irsa_consumer *consumer, struct irsa_error *err) {
    rd_kafka_topic_partition_list_t *topics = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(topics, consumer->topic, RD_KAFKA_PARTITION_UA);
    rd_kafka_resp_err_t code = rd_kafka_subscribe(consumer->rk, topics);
    rd_kafka_topic_partition_list_destroy(topics);
    if (code == RD_KAFKA_RESP_ERR__UNKNOWN_GROUP)
        return irsa_client_fail(err, code, "a consumer needs the setting group.id");
    return code == RD_KAFKA_RESP_ERR_NO_ERROR || irsa_client_fail(err, code, NULL);
}

struct irsa_consumer *irsa_consumer_open(const struct irsa_consumer_options *options, struct irsa_error *err) {
    struct irsa_consumer *consumer = irsa_new(sizeof *consumer);
    consumer->events = options->events;
    consumer->rk = open_client(consumer, options, err);
    if (consumer->rk == NULL) {
        free(consumer);
        return NULL;
    }
    rd_kafka_poll_set_consumer(consumer->rk);
    consumer->topic = irsa_new_copy(options->topic);
    consumer->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    consumer->queue = rd_kafka_queue_get_consumer(consumer->rk); // NULL without a group
    if (consumer->queue != NULL)
        irsa_client_wake(consumer->queue, consumer->fd);
    if (subscribe(consumer, err))
        return consumer;
    irsa_consumer_close(consumer, false);
    return NULL;
}

static bool is_member(rd_kafka_t *rk) {
    char *id = rd_kafka_memberid(rk);
    bool is_one = id != NULL && id[0] != '\0';
    if (id != NULL)
        rd_kafka_mem_free(rk, id);
    return is_one;
}

/*
 * Closing alone keeps a static member in the group, and once it has begun nothing more is asked of the coordinator: so the
 * partitions are given up first, and when the request to leave is on its way the member's id is forgotten.
 */
static void leave_group(rd_kafka_t *rk) {
    int64_t deadline_ms = irsa_clock_monotonic_ms(irsa_clock_system()) + LEAVE_MS;
    if (rd_kafka_unsubscribe(rk) != RD_KAFKA_RESP_ERR_NO_ERROR)
        return;
    while (is_member(rk) && irsa_clock_monotonic_ms(irsa_clock_system()) < deadline_ms) {
        rd_kafka_message_t *message = rd_kafka_consumer_poll(rk, LEAVE_POLL_MS);
        if (message != NULL)
            rd_kafka_message_destroy(message);
    }
}

void irsa_consumer_close(struct irsa_consumer *consumer, bool leave) {
    if (consumer == NULL)
        return;
    if (leave && rd_kafka_fatal_error(consumer->rk, NULL, 0) == RD_KAFKA_RESP_ERR_NO_ERROR)
        leave_group(consumer->rk);
    rd_kafka_consumer_close(consumer->rk);
    for (size_t i = 0; i < consumer->partition_count; i++)
        if (consumer->partitions[i].queue != NULL)
            stop(consumer, (int32_t)i);
    if (consumer->queue != NULL) {
        rd_kafka_queue_io_event_enable(consumer->queue, -1, NULL, 0);
        rd_kafka_queue_destroy(consumer->queue);
    }
    rd_kafka_destroy(consumer->rk);
    close(consumer->fd);
    free(consumer->partitions);
    free(consumer->headers.at);
    free(consumer->topic);
    free(consumer);
}

bool irsa_consumer_reach(struct irsa_consumer *consumer, int timeout_ms, struct irsa_error *err) {
    const struct irsa_client_reason unknown = {.text = ""};
    size_t partitions;
    rd_kafka_topic_t *topic = rd_kafka_topic_new(consumer->rk, consumer->topic, NULL);
    if (topic == NULL)
        return irsa_client_fail(err, rd_kafka_last_error(), NULL);
    bool is_fine = irsa_client_count_partitions(consumer->rk, &unknown, topic, timeout_ms, &partitions, err);
    rd_kafka_topic_destroy(topic);
    return is_fine;
}

int64_t irsa_consumer_session_ms(const struct irsa_consumer *consumer) {
    char value[32] = "";
    size_t size = sizeof value;
    rd_kafka_conf_get(rd_kafka_conf(consumer->rk), "session.timeout.ms", value, &size);
    return strtoll(value, NULL, 10);
}

int irsa_consumer_fd(const struct irsa_consumer *consumer) {
    return consumer->fd;
}

void irsa_consumer_serve(struct irsa_consumer *consumer) {
    uint64_t wakes;
    if (read(consumer->fd, &wakes, sizeof wakes) < 0) {
        // not woken: the poll limit has to be met all the same
    }
    rd_kafka_message_t *message;
    while ((message = rd_kafka_consumer_poll(consumer->rk, 0)) != NULL) {
        struct irsa_error err; // records come from their own queues: this one has errors only
        if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR && message->err != RD_KAFKA_RESP_ERR__PARTITION_EOF) {
            explain(consumer->rk, message->err, rd_kafka_message_errstr(message), &err);
            consumer->events.failed(consumer->events.self, &err);
        }
        rd_kafka_message_destroy(message);
    }
}

static struct irsa_consumer_partition *make_partition(struct irsa_consumer *consumer, int32_t partition) {
    size_t needed = (size_t)partition + 1;
    if (needed > consumer->partition_count) {
        consumer->partitions = irsa_grow(consumer->partitions, needed, sizeof *consumer->partitions);
        while (consumer->partition_count < needed)
            consumer->partitions[consumer->partition_count++] = (struct irsa_consumer_partition){0};
    }
    assert(consumer->partitions[partition].queue == NULL);
    return &consumer->partitions[partition];
}

void irsa_consumer_start(struct irsa_consumer *consumer, int32_t partition, int64_t offset, int wake_fd) {
    assert(consumer->starting != NULL);
    const uint64_t one = 1;
    rd_kafka_queue_t *queue = rd_kafka_queue_get_partition(consumer->rk, consumer->topic, partition);
    // before the fetch begins, so that no record slips into the consumer's queue
    rd_kafka_queue_forward(queue, NULL);
    rd_kafka_queue_io_event_enable(queue, wake_fd, &one, sizeof one);
    *make_partition(consumer, partition) = (struct irsa_consumer_partition){.queue = queue, .next_offset = offset};
    rd_kafka_topic_partition_list_add(consumer->starting, consumer->topic, partition)->offset = offset;
}

/* One partition taken away and given back, which the eager protocol does not allow. */
static rd_kafka_error_t *restart_one(struct irsa_consumer *consumer, int32_t partition) {
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(list, consumer->topic, partition)->offset =
        consumer->partitions[partition].next_offset;
    rd_kafka_error_t *error = rd_kafka_incremental_unassign(consumer->rk, list);
    if (error == NULL)
        error = rd_kafka_incremental_assign(consumer->rk, list);
    rd_kafka_topic_partition_list_destroy(list);
    return error;
}

static rd_kafka_error_t *restart_all(struct irsa_consumer *consumer) {
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)consumer->partition_count);
    for (size_t i = 0; i < consumer->partition_count; i++)
        if (consumer->partitions[i].queue != NULL)
            rd_kafka_topic_partition_list_add(list, consumer->topic, (int32_t)i)->offset =
                consumer->partitions[i].next_offset;
    rd_kafka_error_t *error = assign_all(consumer->rk, list);
    rd_kafka_topic_partition_list_destroy(list);
    return error;
}

bool irsa_consumer_seek(struct irsa_consumer *consumer, int32_t partition, int64_t offset, struct irsa_error *err) {
    // not rd_kafka_seek(): after an error it is passed over, since fetching has stopped
    consumer->partitions[partition].next_offset = offset;
    return irsa_client_take_error(
        is_cooperative(consumer->rk) ? restart_one(consumer, partition) : restart_all(consumer), err);
}

static void take_note(struct irsa_consumer *consumer, const rd_kafka_message_t *message, int32_t partition) {
    const struct irsa_consumer_events *events = &consumer->events;
    struct irsa_error err;
    switch ((int)message->err) {
    case RD_KAFKA_RESP_ERR__PARTITION_EOF:
        events->end_reached(events->self, partition, message->offset);
        return;
    case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
    case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE:
        events->out_of_range(events->self, partition);
        return;
    default:
        irsa_client_fail(&err, message->err, rd_kafka_message_errstr(message));
        events->failed(events->self, &err);
    }
}

bool irsa_consumer_take(struct irsa_consumer *consumer, int32_t partition, struct irsa_incoming *out_incoming) {
    while (is_started(consumer, partition)) {
        rd_kafka_message_t *message = rd_kafka_consume_queue(consumer->partitions[partition].queue, 0);
        if (message == NULL)
            return false;
        if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
            consumer->partitions[partition].next_offset = message->offset + 1;
            irsa_client_record(message, &consumer->headers, &out_incoming->record);
            out_incoming->handle = message;
            return true;
        }
        take_note(consumer, message, partition);
        rd_kafka_message_destroy(message);
    }
    return false;
}

void irsa_consumer_release(struct irsa_incoming *incoming) {
    rd_kafka_message_destroy(incoming->handle);
    incoming->handle = NULL;
}
