/*
 * Committing when it pays: soon after settling, a few times a second at most, and at once when a partition is given up.
 */
#include <string.h>

#include "core/base/arena.h"
#include "core/base/log.h"
#include "worker/engine/engine_state.h"

#define SOON_MS     20  /* after the first one to settle: others may follow */
#define INTERVAL_MS 250 /* between commits */
#define ANSWER_MS   5000
#define GIVE_UP_MS  60000 /* after it the answer to a commit is not waited for any more */

void irsa_commit_note(struct irsa_engine *engine, struct irsa_partition *partition) {
    partition->is_dirty = true;
    if (engine->is_commit_due)
        return;
    int64_t soon = irsa_engine_now_ms(engine) + SOON_MS;
    int64_t earliest = engine->last_commit_ms + INTERVAL_MS;
    engine->is_commit_due = true;
    engine->commit_ms = soon > earliest ? soon : earliest;
}

int64_t irsa_commit_next_ms(const struct irsa_engine *engine) {
    if (!engine->is_commit_due)
        return INT64_MAX;
    return engine->commits_in_flight == 0 ? engine->commit_ms : engine->last_commit_ms + GIVE_UP_MS;
}

enum scope { CHANGED, REVOKING, ALL };

/* Is there something to commit? Of those that are given up, all is that has not been confirmed. */
static bool is_wanted(const struct irsa_partition *partition, enum scope scope) {
    if (partition->frontier.watermark < 0)
        return false;
    if (scope == REVOKING)
        return partition->is_revoking && (partition->is_dirty || partition->is_in_doubt);
    return scope == ALL || partition->is_dirty;
}

/* What a broker has refused as too large is left out: who takes over runs more again, and nothing is lost. */
static const char *checkpoint(struct irsa_engine *engine, struct irsa_partition *partition) {
    const char *text = irsa_frontier_checkpoint(&partition->frontier, engine->scratch);
    partition->metadata_bytes = text == NULL ? 0 : strlen(text);
    if (partition->metadata_limit == 0 || partition->metadata_bytes < partition->metadata_limit)
        return text;
    partition->metadata_bytes = 0;
    return NULL;
}

/* What there is to commit, in the scratch arena. */
static size_t gather(struct irsa_engine *engine, enum scope scope, struct irsa_commit **out_commits) {
    struct irsa_commit *commits = IRSA_NEW_ARRAY(engine->scratch, struct irsa_commit, engine->partition_count);
    size_t count = 0;
    for (size_t i = 0; i < engine->partition_count; i++) {
        struct irsa_partition *partition = engine->partitions[i];
        if (!is_wanted(partition, scope))
            continue;
        partition->is_dirty = false;
        partition->is_in_doubt = true;
        commits[count++] = (struct irsa_commit){
            .partition = partition->number,
            .offset = partition->frontier.watermark,
            .metadata = checkpoint(engine, partition),
        };
    }
    *out_commits = commits;
    return count;
}

static void note_committed(struct irsa_engine *engine, const struct irsa_commit *commit) {
    struct irsa_partition *partition = irsa_engine_find_partition(engine, commit->partition);
    if (partition == NULL)
        return;
    if (partition->committed >= 0 && commit->offset > partition->committed)
        engine->totals.committed += (uint64_t)(commit->offset - partition->committed);
    partition->committed = commit->offset;
    partition->is_in_doubt = false;
}

static void log_failure(const struct irsa_commit *commit, const struct irsa_error *err) {
    IRSA_LOG(WARN, "commit.failed", IRSA_NUMBER("partition", commit->partition), IRSA_NUMBER("offset", commit->offset),
             IRSA_TEXT("code", irsa_code_name(err->code)), IRSA_TEXT("upstream", err->upstream),
             IRSA_TEXT("error", err->message));
}

/* The broker takes less (offset.metadata.max.bytes) than the window may need: less is taken ahead, and less is told. */
static void shorten(struct irsa_partition *partition) {
    partition->metadata_limit = partition->metadata_bytes;
    irsa_frontier_narrow(&partition->frontier);
    IRSA_LOG(WARN, "checkpoint.refused", IRSA_NUMBER("partition", partition->number),
             IRSA_NUMBER("bytes", partition->metadata_bytes), IRSA_NUMBER("window", partition->frontier.room));
}

/* Is tried again with the next one, unless the partition is not ours any more: then a rebalance will say so. */
static void note_failed(struct irsa_engine *engine, const struct irsa_commit *commit, const struct irsa_error *err) {
    struct irsa_partition *partition = irsa_engine_find_partition(engine, commit->partition);
    log_failure(commit, err);
    if (partition == NULL)
        return;
    if (err->code == IRSA_CODE_TOO_LARGE && partition->metadata_bytes > 0)
        shorten(partition);
    irsa_commit_note(engine, partition);
}

void irsa_commit_answered(void *self, const struct irsa_commit *commit, const struct irsa_error *err) {
    struct irsa_engine *engine = self;
    if (engine->commits_in_flight > 0)
        engine->commits_in_flight--;
    if (err == NULL)
        note_committed(engine, commit);
    else
        note_failed(engine, commit, err);
}

static bool commit(struct irsa_engine *engine, enum scope scope, int timeout_ms, struct irsa_error *err) {
    struct irsa_commit *commits;
    size_t count = gather(engine, scope, &commits);
    engine->last_commit_ms = irsa_engine_now_ms(engine);
    bool is_fine = irsa_consumer_commit(engine->consumer, commits, count, timeout_ms, err);
    if (is_fine && timeout_ms == 0)
        engine->commits_in_flight += count;
    for (size_t i = 0; i < count && timeout_ms > 0 && is_fine; i++)
        note_committed(engine, &commits[i]);
    for (size_t i = 0; i < count && !is_fine; i++)
        note_failed(engine, &commits[i], err);
    irsa_arena_clear(engine->scratch);
    return is_fine;
}

/* At once, and once more without what is too large. */
static bool commit_and_wait(struct irsa_engine *engine, enum scope scope, int timeout_ms) {
    struct irsa_error err;
    return commit(engine, scope, timeout_ms, &err) ||
           (err.code == IRSA_CODE_TOO_LARGE && commit(engine, scope, timeout_ms, &err));
}

void irsa_commit_serve(struct irsa_engine *engine) {
    struct irsa_error err;
    if (irsa_commit_next_ms(engine) > irsa_engine_now_ms(engine))
        return;
    engine->is_commit_due = false;
    engine->commits_in_flight = 0;
    commit(engine, CHANGED, 0, &err);
}

void irsa_commit_revoking(struct irsa_engine *engine) {
    commit_and_wait(engine, REVOKING, ANSWER_MS);
}

bool irsa_commit_all(struct irsa_engine *engine, int timeout_ms) {
    return commit_and_wait(engine, ALL, timeout_ms);
}
