/*
 * Consumer: one group, one topic, a queue per partition with forwarding off, everything woken by file descriptors.
 *
 * One thread owns a consumer and calls everything here. Callbacks run within irsa_consumer_serve(),
 * irsa_consumer_take() and irsa_consumer_close() on that thread. Offsets are committed only when we say so.
 */
#ifndef IRSA_KAFKA_CONSUMER_H
#define IRSA_KAFKA_CONSUMER_H

#include <irsa/event.h>

struct irsa_consumer;

struct irsa_assignment {
    const int32_t *partitions;
    size_t count;
};

struct irsa_commit {
    int32_t partition;
    int64_t offset;       /* the next one to be read */
    const char *metadata; /* text, at most 4,096 bytes; NULL: none */
};

struct irsa_consumer_events {
    /* New partitions, beside those that there are: read committed offsets, then irsa_consumer_start() each. */
    void (*assigned)(void *self, const struct irsa_assignment *assignment);
    /* To be given up: finish, commit, return. When `is_lost` they are gone already: commit nothing. */
    void (*revoked)(void *self, const struct irsa_assignment *assignment, bool is_lost);
    /* The end of a partition as the broker sees it: offsets below it that were never seen do not exist. */
    void (*end_reached)(void *self, int32_t partition, int64_t offset);
    /* The place to read next is not there (retention, another topic): nothing comes until irsa_consumer_seek(). */
    void (*out_of_range)(void *self, int32_t partition);
    /* The outcome of a commit without `wait`, for each partition in it. err NULL: committed. */
    void (*committed)(void *self, const struct irsa_commit *commit, const struct irsa_error *err);
    /* Anything else that went wrong; errors librdkafka mends by itself are logged only. CREDENTIALS, ACCESS_DENIED,
     * NOT_FOUND (the topic), CONFLICT (fenced by a member of the same instance id), CONFIG (fatal), UNAVAILABLE */
    void (*failed)(void *self, const struct irsa_error *err);
    void *self;
};

/*
 * kafka     what people gave, with group.id
 * defaults  the caller's own, below what people gave
 */
struct irsa_consumer_options {
    struct irsa_pairs kafka;
    struct irsa_pairs defaults;
    const char *topic;
    struct irsa_consumer_events events;
};

/* Subscribes at once. fails CONFIG */
IRSA_MUST_CHECK struct irsa_consumer *irsa_consumer_open(const struct irsa_consumer_options *options,
                                                         struct irsa_error *err);

/* Leaves the group (a static member only with `leave`), after `revoked` has been called for what is assigned. */
void irsa_consumer_close(struct irsa_consumer *consumer, bool leave);

/* Readable when irsa_consumer_serve() has something to do: rebalances, errors, outcomes of commits. */
int irsa_consumer_fd(const struct irsa_consumer *consumer);

/* Does any broker answer, and does it know the topic? Not by way of the group. fails UNAVAILABLE, TIMEOUT, NOT_FOUND, … */
IRSA_MUST_CHECK bool irsa_consumer_reach(struct irsa_consumer *consumer, int timeout_ms, struct irsa_error *err);

/* session.timeout.ms: who is not heard of for so long has lost its partitions. */
int64_t irsa_consumer_session_ms(const struct irsa_consumer *consumer);

/* Never blocks by itself. To be called every few minutes at least (max.poll.interval.ms), fd or no fd. */
void irsa_consumer_serve(struct irsa_consumer *consumer);

/* Where the group stands in a partition: offset -1 and metadata NULL when it never committed. */
struct irsa_committed {
    int32_t partition;
    int64_t offset;
    const char *metadata; /* in the arena, or NULL */
};

/* fails UNAVAILABLE, TIMEOUT, ACCESS_DENIED */
IRSA_MUST_CHECK bool irsa_consumer_committed(struct irsa_consumer *consumer, struct irsa_arena *arena,
                                             const int32_t *partitions, size_t count, int timeout_ms,
                                             struct irsa_committed *out_committed, struct irsa_error *err);

#define IRSA_OFFSET_BEGINNING INT64_C(-2)
#define IRSA_OFFSET_END       INT64_C(-1)

/*
 * Begin to fetch an assigned partition at an offset. All partitions of one `assigned` call are started before it
 * returns; one that is not is assigned and never fetched. 1 is written to `wake_fd`, an eventfd, when the partition's
 * queue turns from empty to filled: then take until there is nothing more.
 */
void irsa_consumer_start(struct irsa_consumer *consumer, int32_t partition, int64_t offset, int wake_fd);

/* Go on at another offset, after `out_of_range`. fails UNAVAILABLE */
IRSA_MUST_CHECK bool irsa_consumer_seek(struct irsa_consumer *consumer, int32_t partition, int64_t offset,
                                        struct irsa_error *err);

/*
 * The next record of a partition, or false when there is none now. It is borrowed until irsa_consumer_release(): copy
 * what is needed and release it at once, one at a time.
 */
struct irsa_incoming {
    struct irsa_record record;
    void *handle; /* private */
};

bool irsa_consumer_take(struct irsa_consumer *consumer, int32_t partition, struct irsa_incoming *out_incoming);
void irsa_consumer_release(struct irsa_incoming *incoming);

/*
 * Commit. With `timeout_ms` 0 do not wait: the outcome arrives through `committed`.
 *
 * fails    UNAVAILABLE (also a rebalance under way), TIMEOUT, CONFLICT (not our generation), TOO_LARGE (metadata),
 *          ACCESS_DENIED
 */
IRSA_MUST_CHECK bool irsa_consumer_commit(struct irsa_consumer *consumer, const struct irsa_commit *commits,
                                          size_t count, int timeout_ms, struct irsa_error *err);

#endif
