/*
 * A scene for tests of the engine: the mock broker, jobs that do what their value says, and what came of them.
 *
 * A value is "<microseconds> [<what> [<times>]]": how long a run takes, and how it ends: a code's wire name such as
 * "unavailable" (for so many runs, then it succeeds; without a number always), "stuck" (until it is
 * released, or cancelled: then it fails with "unavailable", or with "internal" if there is a number), "garbage" (accept() refuses it; with a number its dead letter is all that is told), "expired" (its time has passed). Results go to the topic "results" as
 * "<outcome> <partition> <offset> <attempt>", dead letters to "dead". On "control" a job is known as "<partition>-<offset>" of
 * "urn:work", and its key is its batch.
 *
 * A key may be "<account>/<cluster>/…" or "<account>/…": then its jobs burden those.
 */
#ifndef IRSA_TESTS_ENGINE_SCENE_H
#define IRSA_TESTS_ENGINE_SCENE_H

#include <pthread.h>

#include "core/base/clock.h"
#include "core/kafka/consumer.h"
#include "core/kafka/mock.h"
#include "core/kafka/producer.h"
#include "tests/support/test.h"
#include "worker/engine/engine.h"

#define PATIENCE_MS      60000
#define PARTITIONS       4
#define OFFSETS_MAX      4096
#define SETTING_COUNT    6
#define SETTING_OF_QUEUE 5 /* queue.buffering.max.messages */

extern struct irsa_mock *mock;
extern struct irsa_pair settings[SETTING_COUNT];

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

int64_t now_ms(void);
void pause_ms(int64_t duration_ms);

/* What jobs did. */
struct seen {
    pthread_mutex_t lock;
    unsigned runs[PARTITIONS][OFFSETS_MAX]; /* begun */
    char running_key[256];                  /* how many of each key (by its first byte) run now */
    int64_t last_offset[256];               /* of each key */
    unsigned begun, running, most_running;
    unsigned disorder; /* a key ran twice at a time, or backwards */
    unsigned stuck, cancelled;
    unsigned accepts;
    unsigned watched_partition; /* set by the test before it starts an engine, as the next one */
    int64_t watched_offset;
    bool is_watched_running;
    unsigned accepts_meanwhile; /* while the watched one ran */
    unsigned company;           /* the most jobs that ran while the watched one did, itself included */
    bool is_released;           /* "stuck" jobs end */
};

extern struct seen seen;

/* While jobs run. */
unsigned read_seen(const unsigned *figure);
void release_stuck(void);

/* An engine on a thread of its own. */
struct running {
    struct irsa_engine *engine;
    pthread_t thread;
    int stop_fd;
    bool is_fine;
    struct irsa_error err;
};

struct irsa_engine_options default_options(void);
void start(struct running *running, const struct irsa_engine_options *options);
void request_stop(struct running *running);
struct irsa_engine_figures figures_of(const struct running *running);

/* Until it has ended, by itself or by request_stop(). */
struct irsa_engine_figures join(struct running *running);

/* One that ends when all is done. */
struct irsa_engine_figures run_until_idle(void);

/* What goes in. */
struct irsa_producer *open_producer(void);
void close_producer(struct irsa_producer *producer);
void put(struct irsa_producer *producer, int32_t partition, const char *key, const char *value);
void put_one(int32_t partition, const char *key, const char *value);
/* Short jobs under 40 keys, over all partitions. */
void put_many(unsigned jobs);

/* What came out: all records of a topic, in the order of each partition. Values are followed by a NUL. */
struct listing {
    struct irsa_arena *arena;
    struct irsa_record *at;
    size_t count;
};

struct listing list_topic(const char *topic);
void free_listing(struct listing *listing);
const char *text_of(const struct listing *listing, size_t i);
/* "succeeded <partition> <offset> …" */
bool read_success(const char *text, long *out_partition, long long *out_offset);
size_t count_results(const char *prefix);
/* So many different jobs have succeeded, and no other outcome was told. */
void expect_all_told(size_t jobs);

/* What the group has committed, seen by a member of it, who may commit as well. */
struct standing {
    struct irsa_consumer *consumer;
    struct irsa_arena *arena;
    struct irsa_committed at[PARTITIONS]; /* by partition */
    bool is_known;
    struct irsa_commit commit; /* offset above 0: to be made by this member */
    bool has_committed;
};

/* standing->arena is the caller's. */
void read_standing(struct standing *standing);

/* A broker with the four topics, and nothing seen. */
int set_up(void **state);
int tear_down(void **state);

#endif
