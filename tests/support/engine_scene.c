/*
 * Setting, cast and audience of the engine's component tests.
 */
#include "tests/support/engine_scene.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "core/base/arena.h"
#include "core/base/text.h"
#include "core/kafka/reader.h"

struct irsa_mock *mock;
struct irsa_pair settings[SETTING_COUNT];
struct seen seen;

int64_t now_ms(void) {
    return irsa_clock_monotonic_ms(irsa_clock_system());
}

void pause_ms(int64_t duration_ms) {
    irsa_clock_system()->sleep_ms(irsa_clock_system()->self, duration_ms, NULL);
}

/* --- what jobs did ------------------------------------------------------------------------------------------------------- */

static void forget_seen(void) {
    memset(&seen, 0, sizeof seen);
    pthread_mutex_init(&seen.lock, NULL);
    for (size_t i = 0; i < 256; i++)
        seen.last_offset[i] = -1;
}

static unsigned key_of(const struct irsa_job *job) {
    return job->key == NULL ? 0 : (unsigned char)job->key[0];
}

/* With the lock held. */
static bool is_watched(const struct irsa_job *job) {
    return job->record.partition == (int32_t)seen.watched_partition && job->record.offset == seen.watched_offset;
}

static unsigned begin(const struct irsa_job *job) {
    unsigned key = key_of(job);
    pthread_mutex_lock(&seen.lock);
    unsigned runs = ++seen.runs[job->record.partition][job->record.offset];
    seen.disorder += key != 0 && (seen.running_key[key] > 0 || job->record.offset < seen.last_offset[key]);
    seen.running_key[key]++;
    seen.last_offset[key] = job->record.offset;
    seen.begun++;
    seen.running++;
    if (seen.running > seen.most_running)
        seen.most_running = seen.running;
    seen.is_watched_running |= is_watched(job);
    if (seen.is_watched_running && seen.running > seen.company)
        seen.company = seen.running;
    pthread_mutex_unlock(&seen.lock);
    return runs;
}

static void end(const struct irsa_job *job) {
    pthread_mutex_lock(&seen.lock);
    seen.running_key[key_of(job)]--;
    seen.running--;
    seen.is_watched_running &= !is_watched(job);
    pthread_mutex_unlock(&seen.lock);
}

unsigned read_seen(const unsigned *figure) {
    pthread_mutex_lock(&seen.lock);
    unsigned value = *figure;
    pthread_mutex_unlock(&seen.lock);
    return value;
}

void release_stuck(void) {
    pthread_mutex_lock(&seen.lock);
    seen.is_released = true;
    pthread_mutex_unlock(&seen.lock);
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

/* The key up to the slash of that number; NULL: it has fewer. */
static const char *before_slash(const struct irsa_job *job, unsigned number) {
    for (const char *at = job->key; *at != '\0'; at++)
        if (*at == '/' && --number == 0)
            return irsa_arena_copy_bytes(job->arena, job->key, (size_t)(at - job->key));
    return NULL;
}

static bool accept(void *self, struct irsa_job *job, struct irsa_error *err) {
    (void)self;
    struct script *script = IRSA_NEW(job->arena, struct script);
    pthread_mutex_lock(&seen.lock);
    seen.accepts++;
    seen.accepts_meanwhile += seen.is_watched_running;
    pthread_mutex_unlock(&seen.lock);
    job->data = script;
    if (job->record.key != NULL && job->record.key_length > 0) {
        job->key = job->record.key; // followed by a NUL
        job->account = before_slash(job, 1);
        job->cluster = before_slash(job, 2);
    }
    job->id = irsa_arena_format(job->arena, "%d-%lld", (int)job->record.partition, (long long)job->record.offset);
    job->source = "urn:work";
    job->batch = job->key;
    if (job->record.value == NULL || !read_script(job->record.value, script))
        return IRSA_FAIL(err, SCHEMA, "not a script");
    if (strcmp(script->what, "garbage") == 0)
        return IRSA_FAIL(err, SCHEMA, "garbage");
    if (strcmp(script->what, "expired") == 0)
        job->expiry_ms = 1;
    return true;
}

static bool wait_for_cancel(const struct script *script, const struct irsa_run *run, struct irsa_error *err) {
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
    if (is_cancelled && script->times > 0)
        return IRSA_FAIL(err, INTERNAL, "torn off"); // what a transfer that is aborted may look like
    return !is_cancelled || IRSA_FAIL(err, UNAVAILABLE, "cancelled");
}

static bool play(const struct script *script, unsigned runs, const struct irsa_run *run, struct irsa_error *err) {
    const char *what = script->what;
    if (script->length_us > 0)
        nanosleep(&(struct timespec){.tv_nsec = script->length_us * 1000}, NULL);
    if (strcmp(what, "stuck") == 0)
        return wait_for_cancel(script, run, err);
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

static void add_result(struct irsa_job *job, const struct irsa_ending *ending, struct irsa_report *report) {
    const char *text = irsa_arena_format(job->arena, "%s %d %lld %u", irsa_outcome_name(ending->outcome),
                                         (int)job->record.partition, (long long)job->record.offset, job->attempt);
    report->records[report->count++] = (struct irsa_record){.topic = "results",
                                                            .partition = -1,
                                                            .key = job->record.key,
                                                            .key_length = job->record.key_length,
                                                            .value = text,
                                                            .value_length = strlen(text)};
}

static void report(void *self, struct irsa_job *job, const struct irsa_ending *ending, struct irsa_report *out_report) {
    (void)self;
    const struct script *script = job->data;
    bool is_mute = script != NULL && strcmp(script->what, "garbage") == 0 && script->times > 0;
    if (!is_mute)
        add_result(job, ending, out_report);
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

struct irsa_engine_options default_options(void) {
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

void start(struct running *running, const struct irsa_engine_options *options) {
    struct irsa_engine_options own = *options;
    *running = (struct running){.stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    own.stop_fd = running->stop_fd;
    running->engine = irsa_engine_new(&own, &running->err);
    if (running->engine == NULL)
        fail_msg("%s", running->err.message);
    assert_int_equal(pthread_create(&running->thread, NULL, run_engine, running), 0);
}

void request_stop(struct running *running) {
    const uint64_t one = 1;
    assert_int_equal(write(running->stop_fd, &one, sizeof one), sizeof one);
}

struct irsa_engine_figures join(struct running *running) {
    struct irsa_engine_figures figures;
    pthread_join(running->thread, NULL);
    irsa_engine_read_figures(running->engine, &figures);
    irsa_engine_free(running->engine);
    close(running->stop_fd);
    return figures;
}

struct irsa_engine_figures figures_of(const struct running *running) {
    struct irsa_engine_figures figures;
    irsa_engine_read_figures(running->engine, &figures);
    return figures;
}

struct irsa_engine_figures run_until_idle(void) {
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

struct irsa_producer *open_producer(void) {
    struct irsa_error err;
    const struct irsa_producer_options options = {.kafka = {settings, 2}, .delivered = on_delivered};
    struct irsa_producer *producer = irsa_producer_open(&options, &err);
    if (producer == NULL)
        fail_msg("%s", err.message);
    return producer;
}

void close_producer(struct irsa_producer *producer) {
    AWAIT((irsa_producer_serve(producer, 10), irsa_producer_outstanding(producer) == 0));
    irsa_producer_close(producer);
}

void put(struct irsa_producer *producer, int32_t partition, const char *key, const char *value) {
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

void put_one(int32_t partition, const char *key, const char *value) {
    struct irsa_producer *producer = open_producer();
    put(producer, partition, key, value);
    close_producer(producer);
}

struct listing list_topic(const char *topic) {
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

void free_listing(struct listing *listing) {
    irsa_arena_free(listing->arena);
    free(listing->at);
}

const char *text_of(const struct listing *listing, size_t i) {
    return listing->at[i].value; // copies are followed by a NUL
}

bool read_success(const char *text, long *out_partition, long long *out_offset) {
    char *end;
    if (!irsa_text_starts_with(text, "succeeded "))
        return false;
    *out_partition = strtol(text + strlen("succeeded "), &end, 10);
    *out_offset = strtoll(end, NULL, 10);
    return *out_partition >= 0 && *out_partition < PARTITIONS && *out_offset >= 0 && *out_offset < OFFSETS_MAX;
}

size_t count_results(const char *prefix) {
    struct listing results = list_topic("results");
    size_t count = 0;
    for (size_t i = 0; i < results.count; i++)
        count += irsa_text_starts_with(text_of(&results, i), prefix);
    free_listing(&results);
    return count;
}

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

void read_standing(struct standing *standing) {
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

int set_up(void **state) {
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
                   irsa_mock_create_topic(mock, "dead", 1, &err) && irsa_mock_create_topic(mock, "control", 1, &err)
               ? 0
               : -1;
}

int tear_down(void **state) {
    (void)state;
    irsa_mock_close(mock);
    pthread_mutex_destroy(&seen.lock);
    return 0;
}

void expect_all_told(size_t jobs) {
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

void put_many(unsigned jobs) {
    struct irsa_producer *producer = open_producer();
    for (unsigned i = 0; i < jobs; i++) {
        char key[] = {(char)('0' + i % 40), '\0'};
        put(producer, (int32_t)(i % PARTITIONS), key, "200");
    }
    close_producer(producer);
}
