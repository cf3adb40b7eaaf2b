/*
 * The engine on the mock broker, with jobs that do what their value says.
 *
 * A value is "<microseconds> [<what> [<times>]]": how long a run takes, and how it ends: "unavailable", "throttled",
 * "credentials" (for so many runs, then it succeeds), "conflict" (always), "stuck" (until it is cancelled), "garbage"
 * (accept() refuses it), "expired" (its time has passed). Results are "<outcome> <partition> <offset> <attempt>".
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <pthread.h>

#include "core/base/arena.h"
#include "core/base/log.h"
#include "core/base/text.h"
#include "core/kafka/consumer.h"
#include "core/kafka/mock.h"
#include "core/kafka/producer.h"
#include "core/kafka/reader.h"
#include "worker/engine/engine.h"

#define PATIENCE_MS 60000
#define PARTITIONS  4
#define OFFSETS_MAX 4096

/* Kafka's error codes. */
#define MESSAGE_TOO_LARGE            10
#define NOT_ENOUGH_REPLICAS          19
#define TOPIC_AUTHORIZATION_FAILED   29
#define OUT_OF_ORDER_SEQUENCE_NUMBER 45

static struct irsa_mock *mock;
static struct irsa_pair settings[6];

static int64_t now_ms(void) {
    return irsa_clock_monotonic_ms(irsa_clock_system());
}

static void pause_ms(int64_t duration_ms) {
    irsa_clock_system()->sleep_ms(irsa_clock_system()->self, duration_ms, NULL);
}

/* Wait for a state, never for a time. */
#define AWAIT(condition)                                                                                               \
    do {                                                                                                               \
        int64_t deadline_ = now_ms() + PATIENCE_MS;                                                                    \
        bool is_met_ = false;                                                                                          \
        while (!(is_met_ = (condition)) && now_ms() < deadline_)                                                       \
            pause_ms(1);                                                                                               \
        if (!is_met_)                                                                                                  \
            fail_msg("waited in vain for: %s", #condition);                                                            \
    } while (0)

/* --- what jobs did ------------------------------------------------------------------------------------------------------- */

struct seen {
    pthread_mutex_t lock;
    unsigned runs[PARTITIONS][OFFSETS_MAX]; /* begun */
    char running_key[256];                  /* how many of each key (by its first byte) run now */
    int64_t last_offset[256];               /* of each key */
    unsigned running, most_running;
    unsigned disorder; /* a key ran twice at a time, or backwards */
    unsigned stuck, cancelled;
    bool is_released; /* "stuck" jobs end */
};

static struct seen seen;

static void forget_seen(void) {
    memset(&seen, 0, sizeof seen);
    pthread_mutex_init(&seen.lock, NULL);
    for (size_t i = 0; i < 256; i++)
        seen.last_offset[i] = -1;
}

static unsigned key_of(const struct irsa_job *job) {
    return job->key == NULL ? 0 : (unsigned char)job->key[0];
}

static unsigned begin(const struct irsa_job *job) {
    unsigned key = key_of(job);
    pthread_mutex_lock(&seen.lock);
    unsigned runs = ++seen.runs[job->record.partition][job->record.offset];
    seen.disorder += key != 0 && (seen.running_key[key] > 0 || job->record.offset < seen.last_offset[key]);
    seen.running_key[key]++;
    seen.last_offset[key] = job->record.offset;
    seen.running++;
    if (seen.running > seen.most_running)
        seen.most_running = seen.running;
    pthread_mutex_unlock(&seen.lock);
    return runs;
}

static void end(const struct irsa_job *job) {
    pthread_mutex_lock(&seen.lock);
    seen.running_key[key_of(job)]--;
    seen.running--;
    pthread_mutex_unlock(&seen.lock);
}

static unsigned read_seen(const unsigned *figure) {
    pthread_mutex_lock(&seen.lock);
    unsigned value = *figure;
    pthread_mutex_unlock(&seen.lock);
    return value;
}

/* --- the kind of job ----------------------------------------------------------------------------------------------------- */

struct script {
    long length_us;
    char what[16];
    unsigned times;
};

static bool read_script(const char *text, struct script *script) {
    char *end;
    script->length_us = strtol(text, &end, 10);
    if (end == text)
        return false;
    end += strspn(end, " ");
    size_t length = strcspn(end, " ");
    if (length < sizeof script->what)
        memcpy(script->what, end, length);
    script->times = (unsigned)strtoul(end + length, NULL, 10);
    return true;
}

static bool accept(void *self, struct irsa_job *job, struct irsa_error *err) {
    (void)self;
    struct script *script = IRSA_NEW(job->arena, struct script);
    job->data = script;
    if (job->record.key != NULL && job->record.key_length > 0)
        job->key = job->record.key; // followed by a NUL
    if (job->record.value == NULL || !read_script(job->record.value, script))
        return IRSA_FAIL(err, SCHEMA, "not a script");
    if (strcmp(script->what, "garbage") == 0)
        return IRSA_FAIL(err, SCHEMA, "garbage");
    if (strcmp(script->what, "expired") == 0)
        job->expiry_ms = 1;
    return true;
}

static bool wait_for_cancel(const struct irsa_run *run, struct irsa_error *err) {
    pthread_mutex_lock(&seen.lock);
    seen.stuck++;
    while (!seen.is_released && !irsa_cancel_is_set(run->cancel)) {
        pthread_mutex_unlock(&seen.lock);
        pause_ms(1);
        pthread_mutex_lock(&seen.lock);
    }
    bool is_cancelled = irsa_cancel_is_set(run->cancel);
    seen.stuck--;
    seen.cancelled += is_cancelled;
    pthread_mutex_unlock(&seen.lock);
    return !is_cancelled || IRSA_FAIL(err, UNAVAILABLE, "cancelled");
}

static bool play(const struct script *script, unsigned runs, const struct irsa_run *run, struct irsa_error *err) {
    const char *what = script->what;
    if (script->length_us > 0)
        nanosleep(&(struct timespec){.tv_nsec = script->length_us * 1000}, NULL);
    if (strcmp(what, "stuck") == 0)
        return wait_for_cancel(run, err);
    if (strcmp(what, "conflict") == 0)
        return IRSA_FAIL(err, CONFLICT, "it is not ours");
    if (strcmp(what, "guardrail") == 0)
        return IRSA_FAIL(err, GUARDRAIL, "no rule");
    enum irsa_code code = irsa_code_find(what);
    if (code != IRSA_CODE_NONE && (script->times == 0 || runs <= script->times))
        return irsa_error_set(err, code, "for the %u. time", runs);
    return true;
}

static bool run(void *self, struct irsa_job *job, const struct irsa_run *run, struct irsa_error *err) {
    (void)self;
    unsigned runs = begin(job);
    bool is_fine = play(job->data, runs, run, err);
    end(job);
    return is_fine;
}

static void report(void *self, struct irsa_job *job, const struct irsa_ending *ending, struct irsa_report *out_report) {
    (void)self;
    const char *text = irsa_arena_format(job->arena, "%s %d %lld %u", irsa_outcome_name(ending->outcome),
                                         (int)job->record.partition, (long long)job->record.offset, job->attempt);
    out_report->records[out_report->count++] = (struct irsa_record){.topic = "results",
                                                                    .partition = -1,
                                                                    .key = job->record.key,
                                                                    .key_length = job->record.key_length,
                                                                    .value = text,
                                                                    .value_length = strlen(text)};
    if (ending->outcome != IRSA_OUTCOME_FAILED && ending->outcome != IRSA_OUTCOME_DENIED)
        return;
    struct irsa_record letter = job->record;
    letter.topic = "dead";
    letter.partition = -1;
    letter.timestamp_ms = 0;
    out_report->records[out_report->count++] = letter;
}

static const struct irsa_job_kind kind = {.accept = accept, .run = run, .report = report};

/* --- running an engine --------------------------------------------------------------------------------------------------- */

struct running {
    struct irsa_engine *engine;
    pthread_t thread;
    int stop_fd;
    bool is_fine;
    struct irsa_error err;
};

static struct irsa_engine_options default_options(void) {
    return (struct irsa_engine_options){
        .kafka = {settings, sizeof settings / sizeof settings[0]},
        .topic = "work",
        .executors = 16,
        .retry_base_ms = 20,
        .retry_cap_ms = 100,
        .probe_ms = 50,
        .kind = &kind,
    };
}

static void *run_engine(void *argument) {
    struct running *running = argument;
    running->is_fine = irsa_engine_run(running->engine, &running->err);
    return NULL;
}

static void start(struct running *running, const struct irsa_engine_options *options) {
    struct irsa_engine_options own = *options;
    *running = (struct running){.stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    own.stop_fd = running->stop_fd;
    running->engine = irsa_engine_new(&own, &running->err);
    if (running->engine == NULL)
        fail_msg("%s", running->err.message);
    assert_int_equal(pthread_create(&running->thread, NULL, run_engine, running), 0);
}

static void request_stop(struct running *running) {
    const uint64_t one = 1;
    assert_int_equal(write(running->stop_fd, &one, sizeof one), sizeof one);
}

/* Until it has ended by itself or by request_stop(). */
static struct irsa_engine_figures join(struct running *running) {
    struct irsa_engine_figures figures;
    pthread_join(running->thread, NULL);
    irsa_engine_read_figures(running->engine, &figures);
    irsa_engine_free(running->engine);
    close(running->stop_fd);
    return figures;
}

static struct irsa_engine_figures figures_of(const struct running *running) {
    struct irsa_engine_figures figures;
    irsa_engine_read_figures(running->engine, &figures);
    return figures;
}

static struct irsa_engine_figures run_until_idle(void) {
    struct irsa_engine_options options = default_options();
    options.until_idle = true;
    struct running running;
    start(&running, &options);
    return join(&running);
}

/* --- what goes in and what came out -------------------------------------------------------------------------------------- */

static void on_delivered(void *self, const struct irsa_delivery *delivery) {
    (void)self;
    assert_null(delivery->err);
}

static struct irsa_producer *open_producer(void) {
    struct irsa_error err;
    const struct irsa_producer_options options = {.kafka = {settings, 2}, .delivered = on_delivered};
    struct irsa_producer *producer = irsa_producer_open(&options, &err);
    if (producer == NULL)
        fail_msg("%s", err.message);
    return producer;
}

static void close_producer(struct irsa_producer *producer) {
    AWAIT((irsa_producer_serve(producer, 10), irsa_producer_outstanding(producer) == 0));
    irsa_producer_close(producer);
}

static void put(struct irsa_producer *producer, int32_t partition, const char *key, const char *value) {
    struct irsa_error err;
    const struct irsa_record record = {.topic = "work",
                                       .partition = partition,
                                       .key = key,
                                       .key_length = key == NULL ? 0 : strlen(key),
                                       .value = value,
                                       .value_length = value == NULL ? 0 : strlen(value)};
    if (!irsa_producer_send(producer, &record, NULL, &err))
        fail_msg("%s", err.message);
}

static void put_one(int32_t partition, const char *key, const char *value) {
    struct irsa_producer *producer = open_producer();
    put(producer, partition, key, value);
    close_producer(producer);
}

/* All records of a topic, oldest first per partition. */
struct listing {
    struct irsa_arena *arena;
    struct irsa_record *at;
    size_t count;
};

static struct listing list_topic(const char *topic) {
    struct irsa_error err;
    struct listing listing = {.arena = irsa_arena_new()};
    listing.at = calloc(16384, sizeof *listing.at);
    struct irsa_reader *reader =
        irsa_reader_open((struct irsa_pairs){settings, 2}, topic, IRSA_READER_BEGINNING, 0, PATIENCE_MS, &err);
    if (reader == NULL)
        fail_msg("%s", err.message);
    while (irsa_reader_next(reader, listing.arena, PATIENCE_MS, &listing.at[listing.count], &err) == IRSA_READER_RECORD)
        listing.count++;
    irsa_reader_close(reader);
    return listing;
}

static void free_listing(struct listing *listing) {
    irsa_arena_free(listing->arena);
    free(listing->at);
}

static const char *text_of(const struct listing *listing, size_t i) {
    return listing->at[i].value; // copies are followed by a NUL
}

/* "succeeded <partition> <offset> …" */
static bool read_success(const char *text, long *out_partition, long long *out_offset) {
    char *end;
    if (!irsa_text_starts_with(text, "succeeded "))
        return false;
    *out_partition = strtol(text + strlen("succeeded "), &end, 10);
    *out_offset = strtoll(end, NULL, 10);
    return *out_partition >= 0 && *out_partition < PARTITIONS && *out_offset >= 0 && *out_offset < OFFSETS_MAX;
}

static size_t count_results(const char *prefix) {
    struct listing results = list_topic("results");
    size_t count = 0;
    for (size_t i = 0; i < results.count; i++)
        count += irsa_text_starts_with(text_of(&results, i), prefix);
    free_listing(&results);
    return count;
}

/* What the group has committed, seen by a member of it. */
struct standing {
    struct irsa_consumer *consumer;
    struct irsa_arena *arena;
    struct irsa_committed at[PARTITIONS]; /* by partition */
    bool is_known;
    struct irsa_commit commit; /* offset above 0: to be made by this member */
    bool has_committed;
};

static void on_assigned(void *self, const struct irsa_assignment *assignment) {
    struct standing *standing = self;
    struct irsa_error err;
    struct irsa_committed found[PARTITIONS];
    assert_int_equal(assignment->count, PARTITIONS);
    if (!irsa_consumer_committed(standing->consumer, standing->arena, assignment->partitions, assignment->count,
                                 PATIENCE_MS, found, &err))
        fail_msg("%s", err.message);
    for (size_t i = 0; i < PARTITIONS; i++)
        standing->at[found[i].partition] = found[i];
    standing->is_known = true;
}

static void on_revoked(void *self, const struct irsa_assignment *assignment, bool is_lost) {
    (void)self;
    (void)assignment;
    (void)is_lost;
}

static void read_standing(struct standing *standing) {
    struct irsa_error err;
    const struct irsa_consumer_options options = {
        .kafka = {settings, sizeof settings / sizeof settings[0]},
        .topic = "work",
        .events = {.assigned = on_assigned, .revoked = on_revoked, .self = standing}};
    standing->arena = irsa_arena_new();
    standing->consumer = irsa_consumer_open(&options, &err);
    assert_non_null(standing->consumer);
    AWAIT((irsa_consumer_serve(standing->consumer), standing->is_known));
    if (standing->commit.offset > 0)
        standing->has_committed = irsa_consumer_commit(standing->consumer, &standing->commit, 1, PATIENCE_MS, &err);
    irsa_consumer_close(standing->consumer, false);
}

static int set_up(void **state) {
    (void)state;
    struct irsa_error err;
    forget_seen();
    mock = irsa_mock_open(&err);
    if (mock == NULL)
        return -1;
    settings[0] = (struct irsa_pair){"bootstrap.servers", irsa_mock_bootstrap_servers(mock)};
    settings[1] = (struct irsa_pair){"fetch.wait.max.ms", "5"};
    settings[2] = (struct irsa_pair){"group.id", "g"};
    settings[3] = (struct irsa_pair){"session.timeout.ms", "4000"};
    settings[4] = (struct irsa_pair){"heartbeat.interval.ms", "500"};
    settings[5] = (struct irsa_pair){"queue.buffering.max.messages", "100000"};
    return irsa_mock_create_topic(mock, "work", PARTITIONS, &err) && irsa_mock_create_topic(mock, "results", 1, &err) &&
                   irsa_mock_create_topic(mock, "dead", 1, &err)
               ? 0
               : -1;
}

static int tear_down(void **state) {
    (void)state;
    irsa_mock_close(mock);
    pthread_mutex_destroy(&seen.lock);
    return 0;
}

static void expect_all_told(size_t jobs) {
    static bool is_told[PARTITIONS][OFFSETS_MAX];
    memset(is_told, 0, sizeof is_told);
    struct listing results = list_topic("results");
    size_t told = 0;
    for (size_t i = 0; i < results.count; i++) {
        long long offset = 0;
        long partition = 0;
        assert_true(read_success(text_of(&results, i), &partition, &offset));
        told += !is_told[partition][offset];
        is_told[partition][offset] = true;
    }
    free_listing(&results);
    assert_int_equal(told, jobs);
}

static void put_many(unsigned jobs) {
    struct irsa_producer *producer = open_producer();
    for (unsigned i = 0; i < jobs; i++) {
        char key[] = {(char)('0' + i % 40), '\0'};
        put(producer, (int32_t)(i % PARTITIONS), key, "200");
    }
    close_producer(producer);
}

/* --- order, concurrency, offsets ----------------------------------------------------------------------------------------- */

static void jobs_of_a_key_run_one_after_the_other_and_all_are_told_and_committed(void **state) {
    (void)state;
    enum { JOBS = 3000, KEYS = 40 };
    unsigned seed = (unsigned)time(NULL);
    print_message("seed %u\n", seed);
    int64_t ends[PARTITIONS] = {0};
    struct irsa_producer *producer = open_producer();
    for (unsigned i = 0; i < JOBS; i++) {
        char key[] = {(char)('0' + i % KEYS), '\0'}, value[16];
        int32_t partition = (int32_t)(i % KEYS % PARTITIONS);
        snprintf(value, sizeof value, "%d", rand_r(&seed) % 1500);
        put(producer, partition, key, value);
        ends[partition]++;
    }
    close_producer(producer);
    struct irsa_engine_options options = default_options();
    options.executors = 64;
    options.until_idle = true;
    struct running running;
    start(&running, &options);
    const struct irsa_engine_figures figures = join(&running);
    assert_true(running.is_fine);
    assert_int_equal(figures.taken, JOBS);
    assert_int_equal(figures.settled, JOBS);
    assert_int_equal(seen.disorder, 0);
    assert_true(seen.most_running > 20);
    for (size_t partition = 0; partition < PARTITIONS; partition++)
        for (int64_t offset = 0; offset < ends[partition]; offset++)
            assert_int_equal(seen.runs[partition][offset], 1);

    struct listing results = list_topic("results");
    assert_int_equal(results.count, JOBS);
    int64_t last[256];
    memset(last, -1, sizeof last);
    for (size_t i = 0; i < results.count; i++) { // results of a key come in the order of its requests
        long long offset = 0;
        long partition = 0;
        unsigned key = *(const unsigned char *)results.at[i].key;
        assert_true(read_success(text_of(&results, i), &partition, &offset));
        assert_true(offset > last[key]);
        last[key] = offset;
    }
    free_listing(&results);

    struct standing standing = {0};
    read_standing(&standing);
    for (size_t partition = 0; partition < PARTITIONS; partition++) {
        assert_int_equal(standing.at[partition].offset, ends[partition]);
        assert_null(standing.at[partition].metadata);
    }
    irsa_arena_free(standing.arena);
}

static void what_is_settled_out_of_order_is_not_run_again(void **state) {
    (void)state;
    struct irsa_producer *producer = open_producer();
    put(producer, 0, "a", "0");
    put(producer, 0, "b", "0 stuck");
    for (int i = 0; i < 20; i++)
        put(producer, 0, "c", "0");
    put(producer, 0, "d", "0 stuck");
    close_producer(producer);
    struct irsa_engine_options options = default_options();
    options.drain_ms = 30;
    struct running running;
    start(&running, &options);
    AWAIT(figures_of(&running).settled == 21 && read_seen(&seen.stuck) == 2);
    request_stop(&running);
    join(&running);
    assert_int_equal(seen.cancelled, 2);

    seen.is_released = true;
    const struct irsa_engine_figures figures = run_until_idle();
    assert_int_equal(figures.duplicates_dropped, 20);
    assert_int_equal(figures.settled, 2);
    for (int offset = 0; offset < 23; offset++)
        assert_int_equal(seen.runs[0][offset], offset == 1 || offset == 22 ? 2 : 1);
}

static void offsets_that_are_gone_begin_with_the_earliest_there_is(void **state) {
    (void)state;
    put_many(40);
    struct standing standing = {.commit = {.partition = 2, .offset = 1000000}};
    read_standing(&standing);
    irsa_arena_free(standing.arena);
    assert_true(standing.has_committed);
    const struct irsa_engine_figures figures = run_until_idle();
    assert_int_equal(figures.settled, 40);
    expect_all_told(40);
}

static void damaged_metadata_means_replay(void **state) {
    (void)state;
    put_many(40);
    struct standing standing = {.commit = {.partition = 2, .offset = 3, .metadata = "irsa1 3 00000000 gQ=="}};
    read_standing(&standing);
    irsa_arena_free(standing.arena);
    assert_true(standing.has_committed);
    const struct irsa_engine_figures figures = run_until_idle();
    assert_int_equal(figures.duplicates_dropped, 0);
    assert_int_equal(figures.settled, 37);
}

/* --- how runs end -------------------------------------------------------------------------------------------------------- */

static void a_failed_run_is_tried_again_in_place_and_holds_back_its_own_key_only(void **state) {
    (void)state;
    struct irsa_producer *producer = open_producer();
    put(producer, 0, "a", "0 unavailable 2");
    put(producer, 0, "a", "0");
    put(producer, 0, "b", "0");
    close_producer(producer);
    const struct irsa_engine_figures figures = run_until_idle();
    assert_int_equal(figures.settled, 3);
    assert_int_equal(figures.retried, 2);
    assert_int_equal(seen.disorder, 0);
    assert_int_equal(seen.runs[0][0], 3);
    struct listing results = list_topic("results");
    const char *const expected[] = {"retrying 0 0 1", "retrying 0 0 2", "succeeded 0 0 3", "succeeded 0 1 1"};
    size_t found = 0;
    for (size_t i = 0; i < results.count; i++)
        if (strcmp(text_of(&results, i), "succeeded 0 2 1") != 0)
            assert_string_equal(text_of(&results, i), expected[found++]);
    assert_int_equal(found, 4);
    free_listing(&results);
}

static void attempts_are_bounded_and_throttles_do_not_count(void **state) {
    (void)state;
    struct irsa_producer *producer = open_producer();
    put(producer, 0, "a", "0 unavailable");
    put(producer, 0, "b", "0 throttled 8");
    close_producer(producer);
    run_until_idle();
    assert_int_equal(seen.runs[0][0], 5);
    assert_int_equal(seen.runs[0][1], 9);
    assert_int_equal(count_results("failed 0 0 5"), 1);
    assert_int_equal(count_results("succeeded 0 1 1"), 1);
    struct listing letters = list_topic("dead");
    assert_int_equal(letters.count, 1);
    free_listing(&letters);
}

static void a_dead_letter_is_the_record_as_it_came(void **state) {
    (void)state;
    struct irsa_error err;
    struct irsa_producer *producer = open_producer();
    const struct irsa_header headers[] = {{"x", "\0\xff", 2}, {"x", NULL, 0}, {"", "", 0}};
    const struct irsa_record odd = {.topic = "work",
                                    .partition = 1,
                                    .key = "k\0\xfe",
                                    .key_length = 3,
                                    .value = "0 garbage \0\xff",
                                    .value_length = 12,
                                    .headers = headers,
                                    .header_count = 3};
    assert_true(irsa_producer_send(producer, &odd, NULL, &err));
    put(producer, 1, NULL, NULL); // a tombstone
    put(producer, 1, "", "");
    put(producer, 1, "a", "0 conflict");
    put(producer, 1, "a", "0");
    close_producer(producer);
    const struct irsa_engine_figures figures = run_until_idle();
    assert_int_equal(figures.settled, 5);
    assert_int_equal(seen.runs[1][0] + seen.runs[1][1] + seen.runs[1][2], 0);
    assert_int_equal(count_results("failed"), 4);
    assert_int_equal(count_results("succeeded 1 4"), 1);
    struct listing letters = list_topic("dead");
    assert_int_equal(letters.count, 4);
    const struct irsa_record *letter = &letters.at[0];
    assert_int_equal(letter->key_length, 3);
    assert_memory_equal(letter->key, odd.key, 3);
    assert_int_equal(letter->value_length, 12);
    assert_memory_equal(letter->value, odd.value, 12);
    assert_int_equal(letter->header_count, 3);
    assert_memory_equal(letter->headers[0].value, "\0\xff", 2);
    assert_null(letter->headers[1].value);
    assert_string_equal(letter->headers[2].name, "");
    assert_null(letters.at[1].key);
    assert_null(letters.at[1].value);
    assert_non_null(letters.at[2].key);
    assert_non_null(letters.at[2].value);
    assert_int_equal(letters.at[2].value_length, 0);
    free_listing(&letters);
}

static void what_has_expired_is_told_and_not_run(void **state) {
    (void)state;
    put_one(0, "a", "0 expired");
    run_until_idle();
    assert_int_equal(seen.runs[0][0], 0);
    assert_int_equal(count_results("expired 0 0"), 1);
}

static void what_no_rule_allows_is_denied(void **state) {
    (void)state;
    put_one(0, "a", "0 guardrail");
    run_until_idle();
    assert_int_equal(count_results("denied 0 0 1"), 1);
}

static void a_halted_worker_loses_nothing_and_goes_on_when_it_is_cured(void **state) {
    (void)state;
    struct irsa_producer *producer = open_producer();
    put(producer, 0, "a", "0 credentials 3");
    for (int i = 0; i < 50; i++)
        put(producer, 0, "b", "0");
    put(producer, 0, "a", "0");
    close_producer(producer);
    struct irsa_engine_options options = default_options();
    options.until_idle = true;
    struct running running;
    start(&running, &options);
    AWAIT(figures_of(&running).taken > 0 && !figures_of(&running).is_ready);
    const struct irsa_engine_figures figures = join(&running);
    assert_true(running.is_fine);
    assert_int_equal(figures.settled, 52);
    assert_int_equal(seen.disorder, 0);
    assert_int_equal(seen.runs[0][0], 4);
    assert_int_equal(count_results("succeeded 0 0 1"), 1);
    struct listing letters = list_topic("dead");
    assert_int_equal(letters.count, 0);
    free_listing(&letters);
}

static void a_worker_that_is_stopped_while_halted_says_why(void **state) {
    (void)state;
    put_one(0, "a", "0 credentials");
    struct irsa_engine_options options = default_options();
    struct running running;
    start(&running, &options);
    AWAIT(figures_of(&running).taken == 1 && !figures_of(&running).is_ready);
    request_stop(&running);
    join(&running);
    assert_false(running.is_fine);
    assert_int_equal(running.err.code, IRSA_CODE_CREDENTIALS);
    struct listing results = list_topic("results");
    assert_int_equal(results.count, 0);
    free_listing(&results);
}

/* --- stopping ------------------------------------------------------------------------------------------------------------ */

static void a_drain_finishes_what_runs_and_leaves_the_rest_to_the_next_worker(void **state) {
    (void)state;
    struct irsa_producer *producer = open_producer();
    for (int i = 0; i < 4; i++)
        put(producer, i, "a", "0 stuck");
    for (int i = 0; i < 200; i++)
        put(producer, i % PARTITIONS, "a", "0");
    close_producer(producer);
    struct irsa_engine_options options = default_options();
    struct running running;
    start(&running, &options);
    AWAIT(read_seen(&seen.stuck) == 1 && figures_of(&running).taken == 204);
    request_stop(&running);
    AWAIT(!figures_of(&running).is_ready);
    pthread_mutex_lock(&seen.lock);
    seen.is_released = true;
    pthread_mutex_unlock(&seen.lock);
    const struct irsa_engine_figures first = join(&running);
    assert_true(running.is_fine);
    assert_int_equal(first.settled, 1); // one key: one ran
    const struct irsa_engine_figures second = run_until_idle();
    assert_int_equal(first.settled + second.settled, 204);
    for (size_t partition = 0; partition < PARTITIONS; partition++)
        for (size_t offset = 0; offset < 51; offset++)
            assert_int_equal(seen.runs[partition][offset], 1);
}

static void what_does_not_end_within_the_drain_is_cancelled_and_settles_nothing(void **state) {
    (void)state;
    put_one(0, "a", "0 stuck");
    struct irsa_engine_options options = default_options();
    options.drain_ms = 30;
    struct running running;
    start(&running, &options);
    AWAIT(read_seen(&seen.stuck) == 1);
    request_stop(&running);
    const struct irsa_engine_figures figures = join(&running);
    assert_true(running.is_fine);
    assert_int_equal(seen.cancelled, 1);
    assert_int_equal(figures.settled, 0);
    seen.is_released = true;
    assert_int_equal(run_until_idle().settled, 1);
    assert_int_equal(seen.runs[0][0], 2);
}

static void a_second_stop_abandons_what_runs(void **state) {
    (void)state;
    put_one(0, "a", "0 stuck");
    struct irsa_engine_options options = default_options();
    struct running running;
    start(&running, &options);
    AWAIT(read_seen(&seen.stuck) == 1);
    request_stop(&running);
    request_stop(&running); // else the drain would last 45 s, and ctest's patience ends before that
    const struct irsa_engine_figures figures = join(&running);
    assert_true(running.is_fine);
    assert_int_equal(seen.cancelled, 1);
    assert_int_equal(figures.settled, 0);
    seen.is_released = true;
    assert_int_equal(run_until_idle().settled, 1);
}

static void a_worker_ends_by_itself_after_so_many_requests(void **state) {
    (void)state;
    struct irsa_producer *producer = open_producer();
    for (int i = 0; i < 100; i++)
        put(producer, i % PARTITIONS, "a", "100");
    close_producer(producer);
    struct irsa_engine_options options = default_options();
    options.max_requests = 30;
    struct running running;
    start(&running, &options);
    const struct irsa_engine_figures first = join(&running);
    assert_int_equal(first.settled, 30);
    assert_int_equal(run_until_idle().settled, 70);
}

/* --- a broker that misbehaves -------------------------------------------------------------------------------------------- */

static void after_a_fatal_producer_error_everything_is_sent_again(void **state) {
    (void)state;
    struct irsa_error err;
    put_many(1000);
    struct irsa_engine_options options = default_options();
    options.until_idle = true;
    struct running running;
    start(&running, &options);
    AWAIT(figures_of(&running).settled > 100);
    assert_true(irsa_mock_push_errors(mock, "Produce", (const int[]){OUT_OF_ORDER_SEQUENCE_NUMBER}, 1, &err));
    const struct irsa_engine_figures figures = join(&running);
    assert_int_equal(figures.settled, 1000);
    assert_int_equal(seen.disorder, 0);
    expect_all_told(1000);
}

static void without_the_right_to_tell_nothing_more_is_started_until_it_is_given(void **state) {
    (void)state;
    struct irsa_error err;
    put_many(1000);
    struct irsa_engine_options options = default_options();
    options.until_idle = true;
    struct running running;
    start(&running, &options);
    AWAIT(figures_of(&running).settled > 100);
    assert_true(irsa_mock_push_errors(mock, "Produce", (const int[]){TOPIC_AUTHORIZATION_FAILED}, 1, &err));
    AWAIT(!figures_of(&running).is_ready);
    const struct irsa_engine_figures figures = join(&running);
    assert_int_equal(figures.settled, 1000);
    expect_all_told(1000);
}

static void a_broker_that_is_away_for_a_while_costs_nothing_but_time(void **state) {
    (void)state;
    put_many(2000);
    struct irsa_engine_options options = default_options();
    options.until_idle = true;
    struct running running;
    start(&running, &options);
    AWAIT(figures_of(&running).settled > 100);
    irsa_mock_set_down(mock, true);
    pause_ms(300);
    irsa_mock_set_down(mock, false);
    const struct irsa_engine_figures figures = join(&running);
    assert_true(figures.settled >= 1900);
    assert_int_equal(seen.disorder, 0);
    expect_all_told(2000);
}

static void what_is_not_acknowledged_is_not_committed(void **state) {
    (void)state;
    enum { REFUSALS = 20000 };
    static int codes[REFUSALS];
    struct irsa_error err;
    for (size_t i = 0; i < REFUSALS; i++)
        codes[i] = NOT_ENOUGH_REPLICAS; // which librdkafka tries again by itself
    put_many(100);
    assert_true(irsa_mock_push_errors(mock, "Produce", codes, REFUSALS, &err));
    struct irsa_engine_options options = default_options();
    options.drain_ms = 30;
    struct running running;
    start(&running, &options);
    AWAIT(figures_of(&running).taken == 100 && figures_of(&running).in_flight == 0 &&
          figures_of(&running).waiting == 0);
    assert_int_equal(figures_of(&running).settled, 0);
    request_stop(&running);
    request_stop(&running); // it would wait for the acknowledgements
    join(&running);
    irsa_mock_clear_errors(mock, "Produce");
    const struct irsa_engine_figures figures = run_until_idle();
    assert_int_equal(figures.settled, 100);
    expect_all_told(100);
}

static void a_producer_whose_queue_is_full_takes_the_rest_later(void **state) {
    (void)state;
    settings[5] = (struct irsa_pair){"queue.buffering.max.messages", "5"};
    put_many(500);
    const struct irsa_engine_figures figures = run_until_idle();
    assert_int_equal(figures.settled, 500);
    expect_all_told(500);
}

static void a_dead_letter_that_the_broker_refuses_goes_on_shortened(void **state) {
    (void)state;
    struct irsa_error err;
    struct irsa_producer *producer = open_producer();
    enum { SIZE = 200000 };
    char *value = malloc(SIZE);
    memset(value, 'x', SIZE);
    value[snprintf(value, SIZE, "0 garbage ")] = 'x'; // no NUL within
    const struct irsa_record record = {.topic = "work", .partition = 0, .value = value, .value_length = SIZE};
    assert_true(irsa_producer_send(producer, &record, NULL, &err));
    close_producer(producer);
    // the first to be refused is the result or the letter: whichever it is, both arrive
    assert_true(irsa_mock_push_errors(mock, "Produce", (const int[]){0, MESSAGE_TOO_LARGE}, 2, &err));
    assert_int_equal(run_until_idle().settled, 1);
    struct listing letters = list_topic("dead");
    assert_int_equal(letters.count, 1);
    bool is_cut = letters.at[0].value_length == 65536;
    if (is_cut) {
        assert_string_equal(letters.at[0].headers[0].name, "irsa_truncated");
        assert_string_equal(letters.at[0].headers[0].value, "200000");
    } else {
        assert_int_equal(letters.at[0].value_length, SIZE);
    }
    assert_int_equal(count_results("failed 0 0"), 1);
    free_listing(&letters);
    free(value);
}

int main(void) {
    irsa_log_setup(IRSA_LOG_WARN, IRSA_LOG_LOGFMT);
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(jobs_of_a_key_run_one_after_the_other_and_all_are_told_and_committed),
        TEST(what_is_settled_out_of_order_is_not_run_again),
        TEST(offsets_that_are_gone_begin_with_the_earliest_there_is),
        TEST(damaged_metadata_means_replay),
        TEST(a_failed_run_is_tried_again_in_place_and_holds_back_its_own_key_only),
        TEST(attempts_are_bounded_and_throttles_do_not_count),
        TEST(a_dead_letter_is_the_record_as_it_came),
        TEST(what_has_expired_is_told_and_not_run),
        TEST(what_no_rule_allows_is_denied),
        TEST(a_halted_worker_loses_nothing_and_goes_on_when_it_is_cured),
        TEST(a_worker_that_is_stopped_while_halted_says_why),
        TEST(a_drain_finishes_what_runs_and_leaves_the_rest_to_the_next_worker),
        TEST(what_does_not_end_within_the_drain_is_cancelled_and_settles_nothing),
        TEST(a_second_stop_abandons_what_runs),
        TEST(a_worker_ends_by_itself_after_so_many_requests),
        TEST(after_a_fatal_producer_error_everything_is_sent_again),
        TEST(without_the_right_to_tell_nothing_more_is_started_until_it_is_given),
        TEST(a_broker_that_is_away_for_a_while_costs_nothing_but_time),
        TEST(what_is_not_acknowledged_is_not_committed),
        TEST(a_producer_whose_queue_is_full_takes_the_rest_later),
        TEST(a_dead_letter_that_the_broker_refuses_goes_on_shortened),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
