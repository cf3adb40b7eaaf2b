/*
 * Admin calls: each waits for its answer on a queue of its own.
 */
#include "core/kafka/admin.h"

#include <stdlib.h>

#include "core/base/text.h"
#include "core/kafka/client.h"

struct irsa_admin {
    rd_kafka_t *rk;
    struct irsa_client_reason reason;
};

static const struct irsa_pair admin_defaults[] = {
    {"enable.idempotence", "false"}, // nothing is produced: no producer id is needed
};

struct irsa_admin *irsa_admin_open(struct irsa_pairs kafka, struct irsa_error *err) {
    const struct irsa_client_settings settings = {
        .role = IRSA_CLIENT_PRODUCER,
        .defaults = {admin_defaults, sizeof admin_defaults / sizeof admin_defaults[0]},
        .given = kafka,
    };
    rd_kafka_conf_t *conf = irsa_client_conf(&settings, err);
    if (conf == NULL)
        return NULL;
    struct irsa_admin *admin = irsa_new(sizeof *admin);
    irsa_client_watch(conf, &admin->reason);
    admin->rk = irsa_client_new(IRSA_CLIENT_PRODUCER, conf, err);
    if (admin->rk != NULL)
        return admin;
    free(admin);
    return NULL;
}

void irsa_admin_close(struct irsa_admin *admin) {
    if (admin == NULL)
        return;
    rd_kafka_destroy(admin->rk);
    free(admin);
}

static rd_kafka_AdminOptions_t *make_options(struct irsa_admin *admin, rd_kafka_admin_op_t op, int timeout_ms) {
    char ignored[128];
    rd_kafka_AdminOptions_t *options = rd_kafka_AdminOptions_new(admin->rk, op);
    rd_kafka_AdminOptions_set_request_timeout(options, timeout_ms, ignored, sizeof ignored);
    return options;
}

static rd_kafka_NewTopic_t *make_topic(const struct irsa_new_topic *topic, struct irsa_error *err) {
    char reason[256];
    rd_kafka_NewTopic_t *made =
        rd_kafka_NewTopic_new(topic->name, topic->partitions, topic->replication, reason, sizeof reason);
    if (made == NULL) {
        IRSA_FAIL(err, INVALID, "topic %s: %s", topic->name, reason);
        return NULL;
    }
    for (size_t i = 0; i < topic->configs.count; i++)
        rd_kafka_NewTopic_set_config(made, topic->configs.at[i].key, topic->configs.at[i].value);
    return made;
}

/* Wait for the one answer. NULL with the error when the call as a whole failed. */
static rd_kafka_event_t *await(rd_kafka_queue_t *queue, int timeout_ms, struct irsa_error *err) {
    rd_kafka_event_t *event = rd_kafka_queue_poll(queue, timeout_ms + 1000); // the call itself times out before
    if (event == NULL) {
        irsa_client_fail(err, RD_KAFKA_RESP_ERR__TIMED_OUT, NULL);
        return NULL;
    }
    rd_kafka_resp_err_t code = rd_kafka_event_error(event);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
        return event;
    irsa_client_fail(err, code, rd_kafka_event_error_string(event));
    rd_kafka_event_destroy(event);
    return NULL;
}

static bool judge_creation(rd_kafka_event_t *event, bool *out_created, struct irsa_error *err) {
    size_t count;
    const rd_kafka_topic_result_t **results =
        rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event), &count);
    rd_kafka_resp_err_t code = count == 1 ? rd_kafka_topic_result_error(results[0]) : RD_KAFKA_RESP_ERR__BAD_MSG;
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR || code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) {
        *out_created = code == RD_KAFKA_RESP_ERR_NO_ERROR;
        return true;
    }
    irsa_client_fail(err, code, count == 1 ? rd_kafka_topic_result_error_string(results[0]) : NULL);
    if (err->code == IRSA_CODE_UNAVAILABLE || err->code == IRSA_CODE_CONFIG)
        err->code = IRSA_CODE_INVALID; // the broker looked at it and refused: replication, a setting, a policy
    return false;
}

bool irsa_admin_create_topic(struct irsa_admin *admin, const struct irsa_new_topic *topic, int timeout_ms,
                             bool *out_created, struct irsa_error *err) {
    rd_kafka_NewTopic_t *made = make_topic(topic, err);
    if (made == NULL)
        return false;
    rd_kafka_AdminOptions_t *options = make_options(admin, RD_KAFKA_ADMIN_OP_CREATETOPICS, timeout_ms);
    rd_kafka_queue_t *queue = rd_kafka_queue_new(admin->rk);
    rd_kafka_CreateTopics(admin->rk, &made, 1, options, queue);
    rd_kafka_event_t *event = await(queue, timeout_ms, err);
    bool is_fine = event != NULL && judge_creation(event, out_created, err);
    if (event != NULL)
        rd_kafka_event_destroy(event);
    rd_kafka_queue_destroy(queue);
    rd_kafka_AdminOptions_destroy(options);
    rd_kafka_NewTopic_destroy(made);
    return is_fine || irsa_error_wrap(err, "create topic %s", topic->name);
}

static rd_kafka_resp_err_t find_topic(const struct rd_kafka_metadata *metadata, const char *name, int *out_partitions) {
    for (int i = 0; i < metadata->topic_cnt; i++) {
        const struct rd_kafka_metadata_topic *topic = &metadata->topics[i];
        if (!irsa_text_equal(topic->topic, name))
            continue;
        if (topic->err == RD_KAFKA_RESP_ERR_NO_ERROR)
            *out_partitions = topic->partition_cnt;
        return topic->err;
    }
    return RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
}

bool irsa_admin_count_partitions(struct irsa_admin *admin, const char *topic, int timeout_ms, int *out_partitions,
                                 struct irsa_error *err) {
    const struct rd_kafka_metadata *metadata;
    // all topics: asking for one by its name makes it where the broker is old or a mock
    rd_kafka_resp_err_t code = rd_kafka_metadata(admin->rk, 1, NULL, &metadata, timeout_ms);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
        code = find_topic(metadata, topic, out_partitions);
        rd_kafka_metadata_destroy(metadata);
    }
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
        return true;
    if (code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART)
        irsa_client_fail(err, code, "there is no such topic for us");
    else
        irsa_client_explain(admin->rk, &admin->reason, code, err);
    return irsa_error_wrap(err, "topic %s", topic);
}

static bool copy_configs(rd_kafka_event_t *event, struct irsa_arena *arena, struct irsa_strings names,
                         const char **out_values, struct irsa_error *err) {
    size_t count, entry_count;
    const rd_kafka_ConfigResource_t **resources =
        rd_kafka_DescribeConfigs_result_resources(rd_kafka_event_DescribeConfigs_result(event), &count);
    if (count != 1)
        return irsa_client_fail(err, RD_KAFKA_RESP_ERR__BAD_MSG, NULL);
    rd_kafka_resp_err_t code = rd_kafka_ConfigResource_error(resources[0]);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
        return irsa_client_fail(err, code, rd_kafka_ConfigResource_error_string(resources[0]));
    const rd_kafka_ConfigEntry_t **entries = rd_kafka_ConfigResource_configs(resources[0], &entry_count);
    for (size_t n = 0; n < names.count; n++) {
        out_values[n] = NULL;
        for (size_t i = 0; i < entry_count; i++)
            if (irsa_text_equal(rd_kafka_ConfigEntry_name(entries[i]), names.at[n]))
                out_values[n] = irsa_arena_copy(arena, rd_kafka_ConfigEntry_value(entries[i]));
    }
    return true;
}

bool irsa_admin_read_configs(struct irsa_admin *admin, struct irsa_arena *arena, const char *topic,
                             struct irsa_strings names, int timeout_ms, const char **out_values,
                             struct irsa_error *err) {
    rd_kafka_ConfigResource_t *resource = rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic);
    rd_kafka_AdminOptions_t *options = make_options(admin, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, timeout_ms);
    rd_kafka_queue_t *queue = rd_kafka_queue_new(admin->rk);
    rd_kafka_DescribeConfigs(admin->rk, &resource, 1, options, queue);
    rd_kafka_event_t *event = await(queue, timeout_ms, err);
    bool is_fine = event != NULL && copy_configs(event, arena, names, out_values, err);
    if (event != NULL)
        rd_kafka_event_destroy(event);
    rd_kafka_queue_destroy(queue);
    rd_kafka_AdminOptions_destroy(options);
    rd_kafka_ConfigResource_destroy(resource);
    return is_fine || irsa_error_wrap(err, "settings of topic %s", topic);
}
