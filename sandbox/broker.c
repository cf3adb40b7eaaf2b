/*
 * A thin layer over core/kafka's mock.
 */
#include "sandbox/broker.h"

#include <stdlib.h>

#include "core/base/arena.h"
#include "core/base/json.h"
#include "core/contract/names.h"
#include "core/contract/topics.h"
#include "core/kafka/mock.h"
#include "sandbox/fields.h"

#define MAX_ERRORS 256

struct irsa_sandbox_broker {
    struct irsa_mock *mock;
    int partitions;
};

static bool create_topics(struct irsa_sandbox_broker *broker, const char *prefix, struct irsa_error *err) {
    struct irsa_arena *arena = irsa_arena_new();
    bool is_good = true;
    for (int i = 0; i < IRSA_TOPIC_COUNT && is_good; i++) {
        bool is_requests = i == IRSA_TOPIC_REQUESTS && broker->partitions > 0;
        int partitions = is_requests ? broker->partitions : irsa_topic_plans[i].partitions;
        const char *name = irsa_topic_name(arena, prefix, (enum irsa_topic)i);
        is_good = irsa_mock_create_topic(broker->mock, name, partitions, err);
    }
    irsa_arena_free(arena);
    return is_good;
}

struct irsa_sandbox_broker *irsa_sandbox_broker_open(const char *topics_prefix, int partitions,
                                                     struct irsa_error *err) {
    struct irsa_sandbox_broker *broker = irsa_new(sizeof(*broker));
    broker->partitions = partitions;
    broker->mock = irsa_mock_open(err);
    if (broker->mock != NULL && create_topics(broker, topics_prefix, err))
        return broker;
    if (broker->mock != NULL)
        irsa_mock_close(broker->mock);
    free(broker);
    return NULL;
}

const char *irsa_sandbox_broker_bootstrap_servers(const struct irsa_sandbox_broker *broker) {
    return irsa_mock_bootstrap_servers(broker->mock);
}

static bool add_topics(struct irsa_sandbox_broker *broker, const struct irsa_json *prefixes, struct irsa_error *err) {
    for (const struct irsa_json *prefix = prefixes->first; prefix != NULL; prefix = prefix->next) {
        if (irsa_rule_topic_prefix(prefix->text) != NULL)
            return IRSA_FAIL(err, INVALID, "\"topics\" are prefixes such as \"irsa\"");
        if (!create_topics(broker, prefix->text, err))
            return false;
    }
    return true;
}

struct series {
    const char *api;
    const struct irsa_json *codes;
};

static const struct irsa_sandbox_field series_fields[] = {
    IRSA_SANDBOX_FIELD("api", TEXT, struct series, api),
    IRSA_SANDBOX_FIELD("codes", ARRAY, struct series, codes),
};

static bool push_errors(struct irsa_sandbox_broker *broker, const struct irsa_json *errors, struct irsa_error *err) {
    int codes[MAX_ERRORS];
    size_t count = 0;
    struct series series = {0};
    if (!IRSA_SANDBOX_READ(series_fields, errors, &series, err))
        return false;
    if (series.api == NULL || series.codes == NULL || series.codes->count > MAX_ERRORS)
        return IRSA_FAIL(err, INVALID, "\"errors\" needs \"api\" and at most %d \"codes\"", MAX_ERRORS);
    for (const struct irsa_json *code = series.codes->first; code != NULL; code = code->next) {
        int64_t value;
        if (!irsa_json_integer(code, &value) || value < -1000 || value > 1000)
            return IRSA_FAIL(err, INVALID, "\"codes\" are Kafka's error numbers");
        codes[count++] = (int)value;
    }
    return irsa_mock_push_errors(broker->mock, series.api, codes, count, err);
}

struct wishes {
    const struct irsa_json *down, *topics, *errors;
};

static const struct irsa_sandbox_field wish_fields[] = {
    IRSA_SANDBOX_FIELD("down", ANY, struct wishes, down),
    IRSA_SANDBOX_FIELD("topics", TEXTS, struct wishes, topics),
    IRSA_SANDBOX_FIELD("errors", OBJECT, struct wishes, errors),
};

bool irsa_sandbox_broker_change(struct irsa_sandbox_broker *broker, const struct irsa_json *document,
                                struct irsa_error *err) {
    struct wishes wishes = {0};
    if (!IRSA_SANDBOX_READ(wish_fields, document, &wishes, err))
        return false;
    if (wishes.down != NULL && wishes.down->kind != IRSA_JSON_TRUE && wishes.down->kind != IRSA_JSON_FALSE)
        return IRSA_FAIL(err, INVALID, "\"down\" must be true or false");
    if (wishes.topics != NULL && !add_topics(broker, wishes.topics, err))
        return false;
    if (wishes.errors != NULL && !push_errors(broker, wishes.errors, err))
        return false;
    if (wishes.down != NULL)
        irsa_mock_set_down(broker->mock, wishes.down->kind == IRSA_JSON_TRUE);
    return true;
}
