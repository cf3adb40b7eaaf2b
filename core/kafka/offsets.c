/*
 * A consumer's offsets: what the group has committed, and committing.
 */
#include <string.h>

#include "core/base/arena.h"
#include "core/kafka/consumer_private.h"

static const char *copy_metadata(struct irsa_arena *arena, const rd_kafka_topic_partition_t *found) {
    if (found->metadata == NULL || found->metadata_size == 0)
        return NULL;
    return irsa_arena_copy_bytes(arena, found->metadata, found->metadata_size);
}

bool irsa_consumer_committed(struct irsa_consumer *consumer, struct irsa_arena *arena, const int32_t *partitions,
                             size_t count, int timeout_ms, struct irsa_committed *out_committed,
                             struct irsa_error *err) {
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)count);
    for (size_t i = 0; i < count; i++)
        rd_kafka_topic_partition_list_add(list, consumer->topic, partitions[i]);
    rd_kafka_resp_err_t code = rd_kafka_committed(consumer->rk, list, timeout_ms);
    for (size_t i = 0; i < count && code == RD_KAFKA_RESP_ERR_NO_ERROR; i++)
        code = list->elems[i].err;
    for (size_t i = 0; i < count && code == RD_KAFKA_RESP_ERR_NO_ERROR; i++)
        out_committed[i] = (struct irsa_committed){
            .partition = partitions[i],
            .offset = list->elems[i].offset >= 0 ? list->elems[i].offset : -1,
            .metadata = copy_metadata(arena, &list->elems[i]),
        };
    rd_kafka_topic_partition_list_destroy(list);
    return code == RD_KAFKA_RESP_ERR_NO_ERROR || irsa_client_fail(err, code, NULL);
}

static rd_kafka_topic_partition_list_t *make_list(const struct irsa_consumer *consumer,
                                                  const struct irsa_commit *commits, size_t count) {
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)count);
    for (size_t i = 0; i < count; i++) {
        const struct irsa_commit *commit = &commits[i];
        rd_kafka_topic_partition_t *entry = rd_kafka_topic_partition_list_add(list, consumer->topic, commit->partition);
        entry->offset = commit->offset;
        if (commit->metadata != NULL) { // freed with the list
            entry->metadata = irsa_new_copy(commit->metadata);
            entry->metadata_size = strlen(commit->metadata);
        }
    }
    return list;
}

/* Runs within irsa_consumer_serve(). */
static void on_committed(rd_kafka_t *rk, rd_kafka_resp_err_t code, rd_kafka_topic_partition_list_t *list, void *self) {
    (void)rk;
    struct irsa_consumer *consumer = self;
    for (int i = 0; list != NULL && i < list->cnt; i++) {
        const rd_kafka_topic_partition_t *entry = &list->elems[i];
        const struct irsa_commit commit = {.partition = entry->partition, .offset = entry->offset};
        rd_kafka_resp_err_t own = entry->err != RD_KAFKA_RESP_ERR_NO_ERROR ? entry->err : code;
        struct irsa_error err;
        if (own != RD_KAFKA_RESP_ERR_NO_ERROR)
            irsa_client_fail(&err, own, NULL);
        consumer->events.committed(consumer->events.self, &commit, own == RD_KAFKA_RESP_ERR_NO_ERROR ? NULL : &err);
    }
}

static rd_kafka_resp_err_t outcome_of(rd_kafka_event_t *event) {
    if (event == NULL)
        return RD_KAFKA_RESP_ERR__TIMED_OUT;
    rd_kafka_resp_err_t code = rd_kafka_event_error(event);
    const rd_kafka_topic_partition_list_t *list = rd_kafka_event_topic_partition_list(event);
    for (int i = 0; list != NULL && i < list->cnt && code == RD_KAFKA_RESP_ERR_NO_ERROR; i++)
        code = list->elems[i].err; // rd_kafka_commit() itself hides it unless all partitions failed
    rd_kafka_event_destroy(event);
    return code;
}

static rd_kafka_resp_err_t commit_and_wait(struct irsa_consumer *consumer, rd_kafka_topic_partition_list_t *list,
                                           int timeout_ms) {
    rd_kafka_queue_t *answers = rd_kafka_queue_new(consumer->rk);
    rd_kafka_resp_err_t code = rd_kafka_commit_queue(consumer->rk, list, answers, NULL, NULL);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
        code = outcome_of(rd_kafka_queue_poll(answers, timeout_ms));
    rd_kafka_queue_destroy(answers);
    return code;
}

bool irsa_consumer_commit(struct irsa_consumer *consumer, const struct irsa_commit *commits, size_t count,
                          int timeout_ms, struct irsa_error *err) {
    if (count == 0)
        return true;
    rd_kafka_topic_partition_list_t *list = make_list(consumer, commits, count);
    rd_kafka_resp_err_t code = timeout_ms > 0
                                   ? commit_and_wait(consumer, list, timeout_ms)
                                   : rd_kafka_commit_queue(consumer->rk, list, consumer->queue, on_committed, consumer);
    rd_kafka_topic_partition_list_destroy(list);
    return code == RD_KAFKA_RESP_ERR_NO_ERROR || irsa_client_fail(err, code, NULL);
}
