/*
 * core/kafka against the mock broker: records out and in, commits, and what errors become.
 */
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/arena.h"
#include "core/base/clock.h"
#include "core/kafka/admin.h"
#include "core/kafka/consumer.h"
#include "core/kafka/group.h"
#include "core/kafka/mock.h"
#include "core/kafka/producer.h"
#include "core/kafka/reader.h"

#define PATIENCE_MS                  30000
#define PARTITIONS                   4
#define OUT_OF_ORDER_SEQUENCE_NUMBER 45 /* Kafka's error codes */
#define MESSAGE_TOO_LARGE            10
#define OFFSET_OUT_OF_RANGE          1

static struct irsa_mock *mock;
static struct irsa_pair settings[4];
static struct irsa_pairs kafka = {settings, 4};

static int set_up(void **state) {
    (void)state;
    struct irsa_error err;
    mock = irsa_mock_open(&err);
    if (mock == NULL)
        return -1;
    settings[0] = (struct irsa_pair){"bootstrap.servers", irsa_mock_bootstrap_servers(mock)};
    settings[1] = (struct irsa_pair){"fetch.wait.max.ms", "5"};
    settings[2] = (struct irsa_pair){"group.id", "g"};
    settings[3] = (struct irsa_pair){"session.timeout.ms", "6000"};
    return irsa_mock_create_topic(mock, "t", PARTITIONS, &err) ? 0 : -1;
}

static int tear_down(void **state) {
    (void)state;
    irsa_mock_close(mock);
    return 0;
}

static int64_t now_ms(void) {
    return irsa_clock_monotonic_ms(irsa_clock_system());
}

/* ---- producing ---- */

struct deliveries {
    size_t acknowledged, refused;
    enum irsa_code code;
    char order[64]; /* the tags, as they were told */
    size_t order_length;
};

static void on_delivered(void *self, const struct irsa_delivery *delivery) {
    struct deliveries *deliveries = self;
    if (delivery->err == NULL) {
        deliveries->acknowledged++;
        assert_true(delivery->offset >= 0);
    } else {
        deliveries->refused++;
        deliveries->code = delivery->err->code;
    }
    if (deliveries->order_length < sizeof deliveries->order)
        deliveries->order[deliveries->order_length++] = *(const char *)delivery->tag;
}

static struct irsa_producer *open_producer(struct deliveries *deliveries) {
    struct irsa_error err;
    const struct irsa_producer_options options = {.kafka = kafka, .delivered = on_delivered, .self = deliveries};
    struct irsa_producer *producer = irsa_producer_open(&options, &err);
    if (producer == NULL)
        fail_msg("%s", err.message);
    return producer;
}

static char tags[] = "0123456789"; /* told apart by their addresses */

static void send_record(struct irsa_producer *producer, const struct irsa_record *record, unsigned tag) {
    struct irsa_error err;
    if (!irsa_producer_send(producer, record, &tags[tag], &err))
        fail_msg("%s", err.message);
}

static void await_deliveries(struct irsa_producer *producer) {
    int64_t deadline = now_ms() + PATIENCE_MS;
    while (irsa_producer_outstanding(producer) > 0 && now_ms() < deadline)
        irsa_producer_serve(producer, 100);
    assert_int_equal(irsa_producer_outstanding(producer), 0);
}

static void produce_values(int32_t partition, unsigned count) {
    struct deliveries deliveries = {0};
    struct irsa_producer *producer = open_producer(&deliveries);
    for (unsigned i = 0; i < count; i++) {
        char value[16];
        int length = snprintf(value, sizeof value, "%u", i);
        send_record(
            producer,
            &(struct irsa_record){.topic = "t", .partition = partition, .value = value, .value_length = (size_t)length},
            0);
    }
    await_deliveries(producer);
    assert_int_equal(deliveries.acknowledged, count);
    irsa_producer_close(producer);
}

static struct irsa_reader *open_reader(enum irsa_reader_start start, int64_t since_ms) {
    struct irsa_error err;
    struct irsa_reader *reader = irsa_reader_open(kafka, "t", start, since_ms, PATIENCE_MS, &err);
    if (reader == NULL)
        fail_msg("%s", err.message);
    return reader;
}

static void read_one(struct irsa_reader *reader, struct irsa_arena *arena, struct irsa_record *out_record) {
    struct irsa_error err;
    enum irsa_reader_state state;
    do
        state = irsa_reader_next(reader, arena, PATIENCE_MS, out_record, &err);
    while (state == IRSA_READER_CAUGHT_UP);
    assert_int_equal(state, IRSA_READER_RECORD);
}

static void a_record_comes_back_as_it_was_sent(void **state) {
    (void)state;
    struct irsa_reader *reader = open_reader(IRSA_READER_END, 0);
    struct deliveries deliveries = {0};
    struct irsa_producer *producer = open_producer(&deliveries);
    const struct irsa_header headers[] = {{"a", "1", 1}, {"empty", "", 0}, {"none", NULL, 0}, {"a", "x\0y", 3}};
    send_record(producer,
                &(struct irsa_record){.topic = "t",
                                      .partition = 1,
                                      .timestamp_ms = 1700000000123,
                                      .key = "k\0ey",
                                      .key_length = 4,
                                      .value = "va\0lue",
                                      .value_length = 6,
                                      .headers = headers,
                                      .header_count = 4},
                1);
    await_deliveries(producer);

    struct irsa_arena *arena = irsa_arena_new();
    struct irsa_record record;
    read_one(reader, arena, &record);
    assert_string_equal(record.topic, "t");
    assert_int_equal(record.partition, 1);
    assert_int_equal(record.timestamp_ms, 1700000000123);
    assert_int_equal(record.key_length, 4);
    assert_memory_equal(record.key, "k\0ey", 4);
    assert_int_equal(record.value_length, 6);
    assert_memory_equal(record.value, "va\0lue", 6);
    assert_int_equal(record.header_count, 4);
    for (size_t i = 0; i < 4; i++) {
        assert_string_equal(record.headers[i].name, headers[i].name);
        assert_int_equal(record.headers[i].length, headers[i].length);
        assert_int_equal(record.headers[i].value == NULL, headers[i].value == NULL);
        if (headers[i].value != NULL)
            assert_memory_equal(record.headers[i].value, headers[i].value, headers[i].length);
    }
    irsa_arena_free(arena);
    irsa_producer_close(producer);
    irsa_reader_close(reader);
}

static void a_tombstone_is_not_an_empty_value_and_no_key_is_not_an_empty_key(void **state) {
    (void)state;
    struct irsa_reader *reader = open_reader(IRSA_READER_END, 0);
    struct deliveries deliveries = {0};
    struct irsa_producer *producer = open_producer(&deliveries);
    send_record(producer, &(struct irsa_record){.topic = "t", .partition = 2, .key = "", .key_length = 0}, 1);
    send_record(producer, &(struct irsa_record){.topic = "t", .partition = 2, .value = "", .value_length = 0}, 2);
    await_deliveries(producer);
    struct irsa_arena *arena = irsa_arena_new();
    struct irsa_record record;
    read_one(reader, arena, &record);
    assert_null(record.value);
    assert_non_null(record.key);
    assert_int_equal(record.key_length, 0);
    read_one(reader, arena, &record);
    assert_non_null(record.value);
    assert_int_equal(record.value_length, 0);
    assert_null(record.key);
    irsa_arena_free(arena);
    irsa_producer_close(producer);
    irsa_reader_close(reader);
}

static void keys_go_where_java_puts_them(void **state) {
    (void)state;
    struct irsa_reader *reader = open_reader(IRSA_READER_END, 0);
    struct deliveries deliveries = {0};
    struct irsa_producer *producer = open_producer(&deliveries);
    // murmur2 of these keys in Kafka's own tests (UtilsTest.testMurmur2), positive, modulo 4 partitions
    static const struct {
        const char *key;
        int32_t hash;
    } known[] = {{"21", -973932308}, {"foobar", -790332482}, {"a-little-bit-long-string", -985981536}};
    for (size_t i = 0; i < 3; i++)
        send_record(producer,
                    &(struct irsa_record){
                        .topic = "t", .partition = -1, .key = known[i].key, .key_length = strlen(known[i].key)},
                    0);
    await_deliveries(producer);
    struct irsa_arena *arena = irsa_arena_new();
    for (size_t n = 0; n < 3; n++) {
        struct irsa_record record;
        read_one(reader, arena, &record);
        for (size_t i = 0; i < 3; i++)
            if (record.key_length == strlen(known[i].key) && memcmp(record.key, known[i].key, record.key_length) == 0)
                assert_int_equal(record.partition, (known[i].hash & 0x7fffffff) % PARTITIONS);
    }
    irsa_arena_free(arena);
    irsa_producer_close(producer);
    irsa_reader_close(reader);
}

static void a_record_over_the_limit_is_refused_at_once(void **state) {
    (void)state;
    struct deliveries deliveries = {0};
    struct irsa_producer *producer = open_producer(&deliveries);
    size_t size = (size_t)2 * 1024 * 1024;
    char *value = calloc(1, size);
    struct irsa_error err;
    assert_false(irsa_producer_send(
        producer, &(struct irsa_record){.topic = "t", .partition = 0, .value = value, .value_length = size}, NULL,
        &err));
    assert_int_equal(err.code, IRSA_CODE_TOO_LARGE);
    assert_int_equal(irsa_producer_outstanding(producer), 0);
    free(value);
    irsa_producer_close(producer);
}

static void a_record_that_the_broker_refuses_is_delivered_with_the_reason(void **state) {
    (void)state;
    struct deliveries deliveries = {0};
    struct irsa_error err;
    struct irsa_producer *producer = open_producer(&deliveries);
    assert_true(irsa_mock_push_errors(mock, "Produce", (const int[]){MESSAGE_TOO_LARGE}, 1, &err));
    send_record(producer, &(struct irsa_record){.topic = "t", .partition = 0, .value = "v", .value_length = 1}, 1);
    await_deliveries(producer);
    assert_int_equal(deliveries.refused, 1);
    assert_int_equal(deliveries.code, IRSA_CODE_TOO_LARGE);
    irsa_producer_close(producer);
}

static void a_lost_sequence_is_fatal_and_everything_is_delivered_with_an_error(void **state) {
    (void)state;
    struct deliveries deliveries = {0};
    struct irsa_error err;
    struct irsa_producer *producer = open_producer(&deliveries);
    assert_false(irsa_producer_is_fatal(producer, &err));
    assert_true(irsa_mock_push_errors(mock, "Produce", (const int[]){OUT_OF_ORDER_SEQUENCE_NUMBER}, 1, &err));
    send_record(producer, &(struct irsa_record){.topic = "t", .partition = 0, .value = "v", .value_length = 1}, 1);
    await_deliveries(producer);
    assert_int_equal(deliveries.refused, 1);
    assert_true(irsa_producer_is_fatal(producer, &err));
    assert_int_equal(err.code, IRSA_CODE_CONFIG);
    assert_false(irsa_producer_send(
        producer, &(struct irsa_record){.topic = "t", .partition = 0, .value = "v", .value_length = 1}, NULL, &err));
    irsa_producer_close(producer);
}

static void closing_gives_up_what_is_not_acknowledged_in_order(void **state) {
    (void)state;
    struct deliveries deliveries = {0};
    struct irsa_producer *producer = open_producer(&deliveries);
    irsa_mock_set_down(mock, true);
    for (size_t i = 0; i < 3; i++)
        send_record(producer, &(struct irsa_record){.topic = "t", .partition = 0, .value = "v", .value_length = 1},
                    (unsigned)i);
    irsa_producer_close(producer);
    irsa_mock_set_down(mock, false);
    assert_int_equal(deliveries.refused, 3);
    assert_memory_equal(deliveries.order, "012", 3);
}

#define PRODUCERS 20

/* Serves a producer when its descriptor says so, and at no other time. */
static void await_woken(struct irsa_producer *producer, const struct deliveries *deliveries) {
    struct pollfd wake = {.fd = irsa_producer_fd(producer), .events = POLLIN};
    while (deliveries->acknowledged == 0) {
        if (poll(&wake, 1, PATIENCE_MS) <= 0)
            fail_msg("no wake-up for an acknowledgement");
        irsa_producer_serve(producer, 0);
    }
}

static void a_producer_that_was_opened_without_a_broker_wakes_for_what_the_broker_acknowledges(void **state) {
    (void)state;
    struct deliveries deliveries[PRODUCERS] = {0};
    struct irsa_producer *producers[PRODUCERS];
    irsa_mock_set_down(mock, true);
    for (unsigned i = 0; i < PRODUCERS; i++)
        producers[i] = open_producer(&deliveries[i]);
    irsa_mock_set_down(mock, false);
    for (unsigned i = 0; i < PRODUCERS; i++)
        send_record(producers[i], &(struct irsa_record){.topic = "t", .partition = 0, .value = "v", .value_length = 1},
                    0);
    for (unsigned i = 0; i < PRODUCERS; i++) {
        await_woken(producers[i], &deliveries[i]);
        irsa_producer_close(producers[i]);
    }
}

/* ---- consuming ---- */

struct member {
    struct irsa_consumer *consumer;
    int wake_fd;
    size_t assigned, revoked, ends, out_of_range, commits;
    bool was_lost;
    int64_t start[PARTITIONS]; /* where to start, IRSA_OFFSET_BEGINNING or an offset */
    struct irsa_committed committed[PARTITIONS];
    struct irsa_arena *arena;
    bool has_failed;
    struct irsa_error failure;
};

static void on_assigned(void *self, const struct irsa_assignment *assignment) {
    struct member *member = self;
    struct irsa_error err;
    if (!irsa_consumer_committed(member->consumer, member->arena, assignment->partitions, assignment->count,
                                 PATIENCE_MS, member->committed, &err))
        fail_msg("%s", err.message);
    for (size_t i = 0; i < assignment->count; i++)
        irsa_consumer_start(member->consumer, assignment->partitions[i], member->start[assignment->partitions[i]],
                            member->wake_fd);
    member->assigned += assignment->count;
}

static void on_revoked(void *self, const struct irsa_assignment *assignment, bool is_lost) {
    struct member *member = self;
    member->revoked += assignment->count;
    member->was_lost = is_lost;
}

static void on_end(void *self, int32_t partition, int64_t offset) {
    (void)partition;
    (void)offset;
    ((struct member *)self)->ends++;
}

static void on_out_of_range(void *self, int32_t partition) {
    struct member *member = self;
    struct irsa_error err;
    member->out_of_range++;
    if (!irsa_consumer_seek(member->consumer, partition, IRSA_OFFSET_BEGINNING, &err))
        fail_msg("%s", err.message);
}

static void on_committed(void *self, const struct irsa_commit *commit, const struct irsa_error *err) {
    (void)commit;
    assert_null(err);
    ((struct member *)self)->commits++;
}

static void on_failed(void *self, const struct irsa_error *err) {
    struct member *member = self;
    member->has_failed = true;
    member->failure = *err;
}

static void join(struct member *member, const char *topic) {
    struct irsa_error err;
    const struct irsa_consumer_options options = {
        .kafka = kafka,
        .topic = topic,
        .events = {on_assigned, on_revoked, on_end, on_out_of_range, on_committed, on_failed, member}};
    member->arena = irsa_arena_new();
    member->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    for (size_t i = 0; i < PARTITIONS; i++)
        if (member->start[i] == 0)
            member->start[i] = IRSA_OFFSET_BEGINNING;
    member->consumer = irsa_consumer_open(&options, &err);
    if (member->consumer == NULL)
        fail_msg("%s", err.message);
}

static void leave(struct member *member) {
    irsa_consumer_close(member->consumer, true);
    irsa_arena_free(member->arena);
    close(member->wake_fd);
}

#define SERVE_UNTIL(member, condition)                                                                                 \
    do {                                                                                                               \
        int64_t deadline_ = now_ms() + PATIENCE_MS;                                                                    \
        bool is_met_ = false;                                                                                          \
        while (!is_met_ && now_ms() < deadline_) {                                                                     \
            irsa_consumer_serve((member)->consumer);                                                                   \
            is_met_ = (condition);                                                                                     \
            irsa_clock_system()->sleep_ms(irsa_clock_system()->self, 1, NULL);                                         \
        }                                                                                                              \
        if (!is_met_)                                                                                                  \
            fail_msg("waited in vain for: %s", #condition);                                                            \
    } while (0)

static size_t take_all(struct member *member, int32_t partition, int64_t *out_last) {
    struct irsa_incoming incoming;
    size_t count = 0;
    while (irsa_consumer_take(member->consumer, partition, &incoming)) {
        *out_last = incoming.record.offset;
        count++;
        irsa_consumer_release(&incoming);
    }
    return count;
}

static void a_group_reads_commits_and_goes_on_where_it_stood(void **state) {
    (void)state;
    produce_values(3, 20);
    struct member first = {0};
    join(&first, "t");
    SERVE_UNTIL(&first, first.assigned == PARTITIONS);
    int64_t last = -1;
    SERVE_UNTIL(&first, (take_all(&first, 3, &last), last >= 19));
    SERVE_UNTIL(&first, (take_all(&first, 3, &last), first.ends > 0));

    struct irsa_error err;
    const struct irsa_commit waited = {.partition = 3, .offset = last, .metadata = "where we stood"};
    if (!irsa_consumer_commit(first.consumer, &waited, 1, PATIENCE_MS, &err))
        fail_msg("%s", err.message);
    assert_int_equal(first.commits, 0);
    const struct irsa_commit quick = {.partition = 0, .offset = 0};
    assert_true(irsa_consumer_commit(first.consumer, &quick, 1, 0, &err));
    SERVE_UNTIL(&first, first.commits == 1);
    leave(&first);
    assert_int_equal(first.revoked, PARTITIONS);
    assert_false(first.was_lost);

    struct member second = {.start = {[3] = last}};
    join(&second, "t");
    SERVE_UNTIL(&second, second.assigned == PARTITIONS);
    for (size_t i = 0; i < PARTITIONS; i++) {
        if (second.committed[i].partition == 3) {
            assert_int_equal(second.committed[i].offset, last);
            assert_string_equal(second.committed[i].metadata, "where we stood");
        }
        if (second.committed[i].partition == 1) {
            assert_int_equal(second.committed[i].offset, -1);
            assert_null(second.committed[i].metadata);
        }
    }
    int64_t seen = -1;
    SERVE_UNTIL(&second, take_all(&second, 3, &seen) > 0);
    assert_int_equal(seen, last);
    leave(&second);
}

static void an_offset_that_is_gone_is_told_and_reading_goes_on_after_a_seek(void **state) {
    (void)state;
    produce_values(0, 3);
    produce_values(2, 40);
    struct member member = {.start = {[0] = 1000000}};
    join(&member, "t");
    struct irsa_incoming incoming = {.handle = NULL};
    int64_t last = -1, other = -1;
    // another partition is in the middle of being read meanwhile: nothing is lost there, nothing comes twice
    SERVE_UNTIL(&member, irsa_consumer_take(member.consumer, 2, &incoming));
    int64_t first = incoming.record.offset;
    irsa_consumer_release(&incoming);
    SERVE_UNTIL(&member, (take_all(&member, 0, &last), last >= 0));
    assert_true(member.out_of_range >= 1);
    size_t count = 1;
    SERVE_UNTIL(&member, (count += take_all(&member, 2, &other), other >= 39));
    assert_int_equal(count, other - first + 1);
    leave(&member);
}

static void a_topic_is_looked_at_and_not_made_by_it(void **state) {
    (void)state;
    struct irsa_error err;
    struct irsa_admin *admin = irsa_admin_open(kafka, &err);
    int partitions = 0;
    assert_true(irsa_admin_count_partitions(admin, "t", PATIENCE_MS, &partitions, &err));
    assert_int_equal(partitions, PARTITIONS);
    for (int i = 0; i < 2; i++) {
        assert_false(irsa_admin_count_partitions(admin, "nowhere", PATIENCE_MS, &partitions, &err));
        assert_int_equal(err.code, IRSA_CODE_NOT_FOUND);
    }
    irsa_admin_close(admin);
}

/* ---- groups, from outside ---- */

static void a_group_whose_topic_may_not_be_read_is_an_error_and_no_group_without_ages(void **state) {
    (void)state;
    enum { TOPIC_AUTHORIZATION_FAILED = 29, TIMES = 64 };
    int codes[TIMES];
    struct irsa_error err;
    const struct irsa_group_partition *partitions;
    size_t count;
    struct irsa_arena *arena = irsa_arena_new();
    produce_values(1, 3);
    for (size_t i = 0; i < TIMES; i++)
        codes[i] = TOPIC_AUTHORIZATION_FAILED;
    assert_true(irsa_mock_push_errors(mock, "Fetch", codes, TIMES, &err));
    assert_false(irsa_group_read(kafka, "outside", "t", PATIENCE_MS, arena, &partitions, &count, &err));
    irsa_mock_clear_errors(mock, "Fetch");
    assert_int_equal(err.code, IRSA_CODE_ACCESS_DENIED);
    irsa_arena_free(arena);
}

static void a_group_of_a_topic_with_an_impossible_name_is_an_error(void **state) {
    (void)state;
    struct irsa_error err;
    const struct irsa_group_partition *partitions;
    size_t count;
    char name[601];
    struct irsa_arena *arena = irsa_arena_new();
    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    assert_false(irsa_group_read(kafka, "outside", name, PATIENCE_MS, arena, &partitions, &count, &err));
    assert_int_equal(err.code, IRSA_CODE_CONFIG);
    irsa_arena_free(arena);
}

/* ---- reading ---- */

static void a_reader_tells_once_that_it_has_caught_up(void **state) {
    (void)state;
    produce_values(1, 5);
    struct irsa_reader *reader = open_reader(IRSA_READER_BEGINNING, 0);
    struct irsa_arena *arena = irsa_arena_new();
    struct irsa_record record;
    struct irsa_error err;
    enum irsa_reader_state read_state;
    size_t records = 0;
    while ((read_state = irsa_reader_next(reader, arena, PATIENCE_MS, &record, &err)) == IRSA_READER_RECORD)
        records++;
    assert_int_equal(read_state, IRSA_READER_CAUGHT_UP);
    assert_true(records >= 5);
    assert_int_equal(irsa_reader_next(reader, arena, 50, &record, &err), IRSA_READER_NOTHING);
    irsa_arena_free(arena);
    irsa_reader_close(reader);
}

static void a_reader_from_a_time_passes_older_records_over(void **state) {
    (void)state;
    struct deliveries deliveries = {0};
    struct irsa_producer *producer = open_producer(&deliveries);
    for (int64_t i = 0; i < 4; i++)
        send_record(producer,
                    &(struct irsa_record){.topic = "t",
                                          .partition = 0,
                                          .timestamp_ms = INT64_C(4000000000000) + i,
                                          .value = "late",
                                          .value_length = 4},
                    1);
    await_deliveries(producer);
    struct irsa_reader *reader = open_reader(IRSA_READER_TIME, INT64_C(4000000000002));
    struct irsa_arena *arena = irsa_arena_new();
    struct irsa_record record;
    struct irsa_error err;
    size_t records = 0;
    while (irsa_reader_next(reader, arena, PATIENCE_MS, &record, &err) == IRSA_READER_RECORD)
        records++;
    assert_int_equal(records, 2);
    irsa_arena_free(arena);
    irsa_reader_close(reader);
    irsa_producer_close(producer);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_record_comes_back_as_it_was_sent),
        cmocka_unit_test(a_tombstone_is_not_an_empty_value_and_no_key_is_not_an_empty_key),
        cmocka_unit_test(keys_go_where_java_puts_them),
        cmocka_unit_test(a_record_over_the_limit_is_refused_at_once),
        cmocka_unit_test(a_record_that_the_broker_refuses_is_delivered_with_the_reason),
        cmocka_unit_test(a_lost_sequence_is_fatal_and_everything_is_delivered_with_an_error),
        cmocka_unit_test(closing_gives_up_what_is_not_acknowledged_in_order),
        cmocka_unit_test(a_producer_that_was_opened_without_a_broker_wakes_for_what_the_broker_acknowledges),
        cmocka_unit_test(a_group_reads_commits_and_goes_on_where_it_stood),
        cmocka_unit_test(an_offset_that_is_gone_is_told_and_reading_goes_on_after_a_seek),
        cmocka_unit_test(a_topic_is_looked_at_and_not_made_by_it),
        cmocka_unit_test(a_group_whose_topic_may_not_be_read_is_an_error_and_no_group_without_ages),
        cmocka_unit_test(a_group_of_a_topic_with_an_impossible_name_is_an_error),
        cmocka_unit_test(a_reader_tells_once_that_it_has_caught_up),
        cmocka_unit_test(a_reader_from_a_time_passes_older_records_over),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
