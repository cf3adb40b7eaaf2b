/*
 * irsa-bench-feed: fills a topic with work for irsa-bench-engine, on a broker of its own or on another one.
 *
 *     irsa-bench-feed (--bootstrap B | --mock) --topic T [--count C] [--keys K] [--zipf S] [--max-us U] [--requests]
 *                     [--rate R] [--partitions P] [--seed N]
 *
 * Records are job lengths in microseconds, uniform from 0 to U, under K keys of uniform or Zipf weight; or valid requests
 * of about 300 bytes, one service account each. With --rate so many lengths a second are sent, each at its time, whatever
 * became of the ones before, and each says when that was. One JSON line says where they are and what the ideal is; with --mock the
 * broker then serves until standard input ends.
 */
#include <getopt.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/base/arena.h"
#include "core/base/clock.h"
#include "core/contract/ids.h"
#include "core/kafka/mock.h"
#include "core/kafka/producer.h"
#include <irsa/request.h>

struct feed {
    const char *bootstrap, *topic;
    bool is_mock, has_requests;
    unsigned count, keys, max_us, partitions;
    double zipf, rate;
    uint64_t seed;
    int64_t first_us;           /* monotonic, when the first one is due */
    uint64_t sum_us, *chain_us; /* by key */
};

static void die(const char *what) {
    fprintf(stderr, "irsa-bench-feed: %s\n", what);
    exit(1);
}

static double draw(struct feed *feed) { /* SplitMix64, in [0, 1) */
    uint64_t z = feed->seed += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return (double)((z ^ z >> 31) >> 11) / 9007199254740992.0;
}

/* Cumulated weights of the keys. */
static double *weigh(const struct feed *feed) {
    double *sums = calloc(feed->keys, sizeof *sums), sum = 0;
    for (unsigned i = 0; i < feed->keys; i++)
        sums[i] = sum += pow(i + 1, -feed->zipf);
    return sums;
}

static unsigned pick(struct feed *feed, const double *sums) {
    double at = draw(feed) * sums[feed->keys - 1];
    unsigned low = 0, high = feed->keys - 1;
    while (low < high) {
        unsigned middle = (low + high) / 2;
        if (sums[middle] > at)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

static void on_delivered(void *self, const struct irsa_delivery *delivery) {
    (void)self;
    if (delivery->err != NULL)
        die(delivery->err->message);
}

static void send_one(struct irsa_producer *producer, const struct irsa_record *record) {
    struct irsa_error err;
    while (!irsa_producer_send(producer, record, NULL, &err)) {
        if (!irsa_producer_is_full(&err))
            die(err.message);
        irsa_producer_serve(producer, 100);
    }
    irsa_producer_serve(producer, 0);
}

static int64_t now_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* Serve acknowledgements until record `number` is due; when that is. */
static int64_t await_turn(const struct feed *feed, struct irsa_producer *producer, unsigned number) {
    int64_t due_us = feed->first_us + (int64_t)((double)number * 1e6 / feed->rate), left_us;
    while ((left_us = due_us - now_us()) >= 2000)
        irsa_producer_serve(producer, (int)(left_us / 1000 - 1)); // it counts in milliseconds
    const struct timespec due = {.tv_sec = due_us / 1000000, .tv_nsec = due_us % 1000000 * 1000};
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL);
    return due_us;
}

static void send_length(struct feed *feed, struct irsa_producer *producer, unsigned key_number, int64_t due_us) {
    char key[32], value[64];
    unsigned length_us = (unsigned)(draw(feed) * (feed->max_us + 1));
    feed->sum_us += length_us;
    feed->chain_us[key_number] += length_us;
    int key_length = snprintf(key, sizeof key, "key-%u", key_number);
    int value_length = due_us == 0 ? snprintf(value, sizeof value, "%u", length_us)
                                   : snprintf(value, sizeof value, "%u %" PRId64, length_us, due_us);
    send_one(producer, &(struct irsa_record){.topic = feed->topic,
                                             .partition = -1,
                                             .key = key,
                                             .key_length = (size_t)key_length,
                                             .value = value,
                                             .value_length = (size_t)value_length});
}

static void send_request(struct feed *feed, struct irsa_producer *producer, struct irsa_arena *arena, unsigned number) {
    static const char *const arns[] = {"arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"};
    char id[IRSA_UUID_BYTES];
    int64_t now_ms = irsa_clock_now_ms(irsa_clock_system());
    struct irsa_error err;
    struct irsa_record record;
    irsa_uuid7(now_ms, id);
    const struct irsa_request request = {.event = {.id = id,
                                                   .source = "urn:irsa:bench",
                                                   .time_ms = now_ms,
                                                   .expiry_ms = IRSA_NO_TIME,
                                                   .correlation_id = "bench"},
                                         .action = IRSA_ACTION_CREATE,
                                         .cluster = {.name = irsa_arena_format(arena, "cluster-%u", number % 500),
                                                     .region = "us-west-2",
                                                     .account_id = "111122223333"},
                                         .service_account = {.name = irsa_arena_format(arena, "account-%u", number),
                                                             .namespace_name = "backend-apps",
                                                             .attach_policy_arns = {arns, 1}}};
    if (!irsa_request_encode(arena, &request, feed->topic, &record, &err))
        die(err.message);
    send_one(producer, &record);
    irsa_arena_clear(arena);
}

static void fill(struct feed *feed) {
    struct irsa_error err;
    const struct irsa_pair settings[] = {
        {"bootstrap.servers", feed->bootstrap},
        {"linger.ms", feed->rate > 0 ? "1" : "20"}}; // as irsa's own producers, or bulk
    const struct irsa_producer_options options = {.kafka = {settings, 2}, .delivered = on_delivered};
    struct irsa_producer *producer = irsa_producer_open(&options, &err);
    if (producer == NULL)
        die(err.message);
    struct irsa_arena *arena = irsa_arena_new();
    double *sums = weigh(feed);
    feed->first_us = now_us() + 100000; // the connection is there by then
    for (unsigned i = 0; i < feed->count; i++) {
        int64_t due_us = feed->rate > 0 ? await_turn(feed, producer, i) : 0;
        if (feed->has_requests)
            send_request(feed, producer, arena, i);
        else
            send_length(feed, producer, feed->zipf > 0 ? pick(feed, sums) : i % feed->keys, due_us);
    }
    while (irsa_producer_outstanding(producer) > 0)
        irsa_producer_serve(producer, 100);
    irsa_producer_close(producer);
    irsa_arena_free(arena);
    free(sums);
}

static void print(const struct feed *feed) {
    uint64_t longest_us = 0;
    for (unsigned i = 0; i < feed->keys; i++)
        if (feed->chain_us[i] > longest_us)
            longest_us = feed->chain_us[i];
    printf("{\"bootstrap\": \"%s\", \"topic\": \"%s\", \"count\": %u, \"sum_s\": %.6f, \"longest_chain_s\": %.6f}\n",
           feed->bootstrap, feed->topic, feed->count, (double)feed->sum_us / 1e6, (double)longest_us / 1e6);
    fflush(stdout);
}

static struct irsa_mock *open_mock(struct feed *feed) {
    struct irsa_error err;
    char results[256];
    struct irsa_mock *mock = irsa_mock_open(&err);
    if (mock == NULL)
        die(err.message);
    feed->bootstrap = irsa_mock_bootstrap_servers(mock);
    snprintf(results, sizeof results, "%s.results", feed->topic);
    if (!irsa_mock_create_topic(mock, feed->topic, (int)feed->partitions, &err) ||
        !irsa_mock_create_topic(mock, results, (int)feed->partitions, &err))
        die(err.message);
    return mock;
}

static void read_arguments(struct feed *feed, int argc, char **argv) {
    static const struct option options[] = {
        {"bootstrap", required_argument, NULL, 'b'},  {"mock", no_argument, NULL, 'm'},
        {"topic", required_argument, NULL, 't'},      {"count", required_argument, NULL, 'c'},
        {"keys", required_argument, NULL, 'k'},       {"zipf", required_argument, NULL, 'z'},
        {"max-us", required_argument, NULL, 'u'},     {"requests", no_argument, NULL, 'r'},
        {"rate", required_argument, NULL, 'R'},       {"seed", required_argument, NULL, 's'},
        {"partitions", required_argument, NULL, 'p'}, {NULL, 0, NULL, 0}};
    int option;
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        switch (option) {
        case 'b':
            feed->bootstrap = optarg;
            break;
        case 'm':
            feed->is_mock = true;
            break;
        case 't':
            feed->topic = optarg;
            break;
        case 'c':
            feed->count = (unsigned)strtoul(optarg, NULL, 10);
            break;
        case 'k':
            feed->keys = (unsigned)strtoul(optarg, NULL, 10);
            break;
        case 'z':
            feed->zipf = strtod(optarg, NULL);
            break;
        case 'u':
            feed->max_us = (unsigned)strtoul(optarg, NULL, 10);
            break;
        case 'r':
            feed->has_requests = true;
            break;
        case 'R':
            feed->rate = strtod(optarg, NULL);
            break;
        case 's':
            feed->seed = strtoull(optarg, NULL, 10);
            break;
        case 'p':
            feed->partitions = (unsigned)strtoul(optarg, NULL, 10);
            break;
        default:
            exit(2);
        }
    }
}

int main(int argc, char **argv) {
    struct feed feed = {.topic = "bench", .count = 10000, .keys = 10000, .max_us = 5000, .partitions = 16, .seed = 1};
    char byte;
    read_arguments(&feed, argc, argv);
    if (feed.bootstrap == NULL && !feed.is_mock)
        die("--bootstrap or --mock?");
    feed.chain_us = calloc(feed.keys, sizeof *feed.chain_us);
    struct irsa_mock *mock = feed.is_mock ? open_mock(&feed) : NULL;
    fill(&feed);
    print(&feed);
    while (mock != NULL && read(STDIN_FILENO, &byte, 1) > 0) {
        // serve until standard input ends
    }
    irsa_mock_close(mock);
    free(feed.chain_us);
    return 0;
}
