/*
 * The enqueuer against librdkafka's mock broker.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include <irsa/enqueue.h>

#include "core/base/arena.h"
#include "core/base/text.h"
#include "core/contract/event.h"
#include "core/kafka/mock.h"
#include "core/kafka/reader.h"
#include "tests/support/test.h"

#define TOPIC             "irsa.requests"
#define PARTITIONS        4
#define MESSAGE_TOO_LARGE 10 /* an error code of Kafka */

static struct irsa_mock *mock;
static struct irsa_arena *arena;
static struct irsa_error err;

/* What the callback has been told; never by two threads at once. */
static struct {
    size_t acknowledged, refused;
    int busy;
    char id[64];
    int tags[4096];
    struct irsa_error error;
} told;

static void on_acknowledged(void *self, const struct irsa_receipt *receipt) {
    assert_ptr_equal(self, &told);
    assert_int_equal(told.busy++, 0);
    if (receipt->error == NULL) {
        told.acknowledged++;
        assert_in_range(receipt->partition, 0, PARTITIONS - 1);
        assert_true(receipt->offset >= 0);
    } else {
        told.refused++;
        told.error = *receipt->error;
        assert_int_equal(receipt->partition, -1);
        assert_int_equal(receipt->offset, -1);
    }
    snprintf(told.id, sizeof told.id, "%s", receipt->id);
    if (receipt->tag != NULL)
        told.tags[(int *)receipt->tag - told.tags]++;
    told.busy--;
}

static struct irsa_enqueuer *open_with(const char *name, const char *value) {
    const struct irsa_pair kafka[] = {{"bootstrap.servers", irsa_mock_bootstrap_servers(mock)}, {name, value}};
    const struct irsa_enqueuer_options options = {
        .kafka = {kafka, name == NULL ? 1 : 2}, .acknowledged = on_acknowledged, .self = &told};
    struct irsa_enqueuer *enqueuer = irsa_enqueuer_open(&options, &err);
    if (enqueuer == NULL)
        fail_msg("%s", err.message);
    return enqueuer;
}

static const char *const policies[] = {"arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"};

static struct irsa_request a_request(const char *name) {
    return (struct irsa_request){.action = IRSA_ACTION_CREATE,
                                 .cluster = {.name = "cluster-13", .region = "us-west-2"},
                                 .service_account = {.name = name, .attach_policy_arns = {policies, 1}}};
}

/* Every record of the topic, in the arena. */
static size_t read_all(struct irsa_record *records, size_t most) {
    const struct irsa_pair kafka[] = {{"bootstrap.servers", irsa_mock_bootstrap_servers(mock)},
                                      {"fetch.wait.max.ms", "10"}};
    struct irsa_reader *reader =
        irsa_reader_open((struct irsa_pairs){kafka, 2}, TOPIC, IRSA_READER_BEGINNING, 0, 10000, &err);
    assert_non_null(reader);
    size_t count = 0;
    for (;;) {
        struct irsa_record record;
        enum irsa_reader_state state = irsa_reader_next(reader, arena, 10000, &record, &err);
        if (state == IRSA_READER_CAUGHT_UP)
            break;
        assert_int_equal(state, IRSA_READER_RECORD);
        assert_true(count < most);
        record.topic = TOPIC; /* the reader's own dies with it */
        records[count++] = record;
    }
    irsa_reader_close(reader);
    return count;
}

static void what_a_request_lacks_is_made_up(void **state) {
    (void)state;
    struct irsa_enqueuer *enqueuer = open_with(NULL, NULL);
    const struct irsa_request request = a_request("s3-reader");
    assert_ok(irsa_enqueue(enqueuer, &request, NULL, &err), err);
    assert_ok(irsa_enqueuer_flush(enqueuer, 20000, &err), err);
    irsa_enqueuer_close(enqueuer);
    assert_int_equal(told.acknowledged, 1);

    struct irsa_record record;
    struct irsa_request read;
    assert_int_equal(read_all(&record, 1), 1);
    assert_ok(irsa_request_decode(arena, &record, &read, &err), err);
    assert_string_equal(read.event.id, told.id);
    assert_int_equal(read.event.id[14], '7');
    assert_string_equal(read.event.source, "urn:irsa:libirsa");
    assert_true(read.event.time_ms > INT64_C(1700000000000));
    assert_int_equal(read.event.expiry_ms, IRSA_NO_TIME);
    assert_memory_equal(record.key, "us-west-2/cluster-13/default/s3-reader", record.key_length);
}

static void what_a_request_brings_is_kept(void **state) {
    (void)state;
    const struct irsa_pair kafka[] = {{"bootstrap.servers", irsa_mock_bootstrap_servers(mock)}};
    const struct irsa_enqueuer_options options = {.kafka = {kafka, 1}, .topics_prefix = "irsa", .source = "urn:portal"};
    struct irsa_enqueuer *enqueuer = irsa_enqueuer_open(&options, &err);
    assert_non_null(enqueuer);
    struct irsa_request requests[] = {a_request("a"), a_request("b")};
    requests[0].event = (struct irsa_event){.id = "mine", .source = "urn:mine", .time_ms = 1795516500123};
    requests[1].event =
        (struct irsa_event){.time_ms = IRSA_NO_TIME, .expiry_ms = 1795516600000, .correlation_id = "batch"};
    for (int i = 0; i < 2; i++)
        assert_ok(irsa_enqueue(enqueuer, &requests[i], NULL, &err), err);
    assert_ok(irsa_enqueuer_flush(enqueuer, 20000, &err), err);
    irsa_enqueuer_close(enqueuer);

    struct irsa_record records[2];
    assert_int_equal(read_all(records, 2), 2);
    for (int i = 0; i < 2; i++) {
        struct irsa_request read;
        assert_ok(irsa_request_decode(arena, &records[i], &read, &err), err);
        if (strcmp(read.service_account.name, "a") == 0) {
            assert_string_equal(read.event.id, "mine");
            assert_string_equal(read.event.source, "urn:mine");
            assert_int_equal(read.event.time_ms, 1795516500123);
        } else {
            assert_string_equal(read.event.source, "urn:portal");
            assert_int_equal(read.event.expiry_ms, 1795516600000);
            assert_string_equal(read.event.correlation_id, "batch");
        }
    }
}

static void a_wrong_request_is_refused_and_nothing_is_sent(void **state) {
    (void)state;
    struct irsa_enqueuer *enqueuer = open_with(NULL, NULL);
    struct irsa_request request = a_request("S3");
    assert_false(irsa_enqueue(enqueuer, &request, NULL, &err));
    assert_code(err, INVALID);
    assert_string_equal(err.at, "/serviceAccount/metadata/name");
    request = a_request("a");
    char *note = irsa_arena_alloc(arena, IRSA_REQUEST_MAX_BYTES);
    memset(note, 'n', IRSA_REQUEST_MAX_BYTES - 1);
    const struct irsa_pair annotation = {"example.com/note", note};
    request.service_account.annotations = (struct irsa_pairs){&annotation, 1};
    assert_false(irsa_enqueue(enqueuer, &request, NULL, &err));
    assert_code(err, TOO_LARGE);
    assert_ok(irsa_enqueuer_flush(enqueuer, 1000, &err), err);
    irsa_enqueuer_close(enqueuer);
    assert_int_equal(told.acknowledged + told.refused, 0);
}

static void settings_that_cannot_be_are_refused_at_open(void **state) {
    (void)state;
    const struct irsa_pair broker[] = {{"bootstrap.servers", "localhost:1"}, {"linger.msx", "5"}};
    const struct irsa_pair not_a_number[] = {{"bootstrap.servers", "localhost:1"}, {"linger.ms", "soon"}};
    const struct irsa_enqueuer_options cases[] = {
        {.kafka = {NULL, 0}},
        {.kafka = {broker, 2}},
        {.kafka = {not_a_number, 2}},
        {.kafka = {broker, 1}, .topics_prefix = "a/b"},
        {.kafka = {broker, 1}, .source = "not a URI"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_null(irsa_enqueuer_open(&cases[i], &err));
        assert_code(err, CONFIG);
    }
    irsa_enqueuer_close(NULL);
}

static void what_the_broker_refuses_is_told_once_with_the_reason(void **state) {
    (void)state;
    const int codes[] = {MESSAGE_TOO_LARGE};
    assert_ok(irsa_mock_push_errors(mock, "Produce", codes, 1, &err), err);
    struct irsa_enqueuer *enqueuer = open_with(NULL, NULL);
    const struct irsa_request request = a_request("a");
    assert_ok(irsa_enqueue(enqueuer, &request, &told.tags[7], &err), err);
    assert_false(irsa_enqueuer_flush(enqueuer, 20000, &err));
    assert_code(err, UNAVAILABLE);
    assert_non_null(strstr(err.message, "1 request was refused"));
    assert_int_equal(told.refused, 1);
    assert_int_equal(told.tags[7], 1);
    assert_code(told.error, TOO_LARGE);
    assert_ok(irsa_enqueuer_flush(enqueuer, 20000, &err), err);
    assert_ok(irsa_enqueue(enqueuer, &request, NULL, &err), err);
    assert_ok(irsa_enqueuer_flush(enqueuer, 20000, &err), err);
    assert_int_equal(told.acknowledged, 1);
    irsa_enqueuer_close(enqueuer);
}

static void what_is_under_way_times_out_and_is_given_up_by_close(void **state) {
    (void)state;
    irsa_mock_set_down(mock, true);
    struct irsa_enqueuer *enqueuer = open_with(NULL, NULL);
    const struct irsa_request request = a_request("a");
    for (int i = 0; i < 3; i++)
        assert_ok(irsa_enqueue(enqueuer, &request, &told.tags[i], &err), err);
    assert_false(irsa_enqueuer_flush(enqueuer, 200, &err));
    assert_code(err, TIMEOUT);
    assert_non_null(strstr(err.message, "3 requests are not acknowledged"));
    assert_int_equal(told.acknowledged + told.refused, 0);
    irsa_enqueuer_close(enqueuer);
    assert_int_equal(told.refused, 3);
    for (int i = 0; i < 3; i++)
        assert_int_equal(told.tags[i], 1);
}

static void a_full_queue_is_waited_for(void **state) {
    (void)state;
    struct irsa_enqueuer *enqueuer = open_with("queue.buffering.max.messages", "10");
    const struct irsa_request request = a_request("a");
    for (int i = 0; i < 500; i++)
        assert_ok(irsa_enqueue(enqueuer, &request, &told.tags[i], &err), err);
    assert_ok(irsa_enqueuer_flush(enqueuer, 20000, &err), err);
    irsa_enqueuer_close(enqueuer);
    assert_int_equal(told.acknowledged, 500);
    for (int i = 0; i < 500; i++)
        assert_int_equal(told.tags[i], 1);
}

#define THREADS    ((size_t)8)
#define PER_THREAD ((size_t)200)

struct worker {
    struct irsa_enqueuer *enqueuer;
    int number;
    bool is_fine;
};

static void *enqueue_many(void *self) {
    struct worker *worker = self;
    char name[32], id[32];
    struct irsa_error own;
    snprintf(name, sizeof name, "account-%d", worker->number);
    struct irsa_request request = a_request(name);
    worker->is_fine = true;
    for (size_t i = 0; i < PER_THREAD; i++) {
        snprintf(id, sizeof id, "%zu", i);
        request.event.id = id;
        int *tag = &told.tags[(size_t)worker->number * PER_THREAD + i];
        worker->is_fine = irsa_enqueue(worker->enqueuer, &request, tag, &own) && worker->is_fine;
        if (i % 50 == 49)
            worker->is_fine = irsa_enqueuer_flush(worker->enqueuer, 20000, &own) && worker->is_fine;
    }
    return NULL;
}

static void threads_share_an_enqueuer_and_each_keeps_its_order(void **state) {
    (void)state;
    struct irsa_enqueuer *enqueuer = open_with("queue.buffering.max.messages", "100");
    pthread_t threads[THREADS];
    struct worker workers[THREADS];
    for (size_t i = 0; i < THREADS; i++) {
        workers[i] = (struct worker){.enqueuer = enqueuer, .number = (int)i};
        assert_int_equal(pthread_create(&threads[i], NULL, enqueue_many, &workers[i]), 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        assert_true(workers[i].is_fine);
    }
    assert_ok(irsa_enqueuer_flush(enqueuer, 20000, &err), err);
    irsa_enqueuer_close(enqueuer);
    assert_int_equal(told.acknowledged, THREADS * PER_THREAD);
    for (size_t i = 0; i < THREADS * PER_THREAD; i++)
        assert_int_equal(told.tags[i], 1);

    struct irsa_record *records = IRSA_NEW_ARRAY(arena, struct irsa_record, THREADS * PER_THREAD);
    assert_int_equal(read_all(records, THREADS * PER_THREAD), THREADS * PER_THREAD);
    int next[THREADS] = {0};
    for (size_t i = 0; i < THREADS * PER_THREAD; i++) {
        struct irsa_request read;
        assert_ok(irsa_request_decode(arena, &records[i], &read, &err), err);
        int64_t number = read.service_account.name[strlen("account-")] - '0';
        int64_t id;
        assert_true(irsa_text_to_integer(read.event.id, 0, PER_THREAD, &id));
        assert_int_equal(id, next[number]++);
    }
}

static int set_up(void **state) {
    (void)state;
    memset(&told, 0, sizeof told);
    arena = irsa_arena_new();
    mock = irsa_mock_open(&err);
    return mock != NULL && irsa_mock_create_topic(mock, TOPIC, PARTITIONS, &err) ? 0 : -1;
}

static int tear_down(void **state) {
    (void)state;
    irsa_mock_close(mock);
    irsa_arena_free(arena);
    return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(what_a_request_lacks_is_made_up),
        TEST(what_a_request_brings_is_kept),
        TEST(a_wrong_request_is_refused_and_nothing_is_sent),
        TEST(settings_that_cannot_be_are_refused_at_open),
        TEST(what_the_broker_refuses_is_told_once_with_the_reason),
        TEST(what_is_under_way_times_out_and_is_given_up_by_close),
        TEST(a_full_queue_is_waited_for),
        TEST(threads_share_an_enqueuer_and_each_keeps_its_order),
    };
    return RUN_TESTS("the enqueuer of libirsa");
}
