/*
 * The mock cluster and what the control interface may do to it.
 */
#include "sandbox/broker.h"

#include <stdlib.h>

#include "core/base/arena.h"
#include "core/contract/names.h"
#include "core/contract/topics.h"
#include "core/kafka/mock.h"
#include "sandbox/fields.h"

#define MAX_ERRORS 64

struct irsa_sandbox_broker {
    struct irsa_mock *mock;
};

static bool make_topics(struct irsa_mock *mock, const char *prefix, struct irsa_error *err) {
    struct irsa_arena *arena = irsa_arena_new();
    bool is_made = true;
    for (int topic = 0; topic < IRSA_TOPIC_COUNT && is_made; topic++)
        is_made = irsa_mock_create_topic(mock, irsa_topic_name(arena, prefix, (enum irsa_topic)topic),
                                         irsa_topic_plans[topic].partitions, err);
    irsa_arena_free(arena);
    return is_made;
}

struct irsa_sandbox_broker *irsa_sandbox_broker_open(const char *topics_prefix, struct irsa_error *err) {
    struct irsa_mock *mock = irsa_mock_open(err);
    if (mock == NULL)
        return NULL;
    if (!make_topics(mock, topics_prefix, err)) {
        irsa_mock_close(mock);
        return NULL;
    }
    struct irsa_sandbox_broker *broker = irsa_new(sizeof(*broker));
    broker->mock = mock;
    return broker;
}

void irsa_sandbox_broker_close(struct irsa_sandbox_broker *broker) {
    if (broker == NULL)
        return;
    irsa_mock_close(broker->mock);
    free(broker);
}

const char *irsa_sandbox_broker_servers(const struct irsa_sandbox_broker *broker) {
    return irsa_mock_bootstrap_servers(broker->mock);
}

/* --- POST /broker --------------------------------------------------------------------------------------------------------- */

struct wishes {
    const struct irsa_json *down;
    const struct irsa_json *errors;
    const struct irsa_json *topics;
};

static const struct irsa_sandbox_field wish_fields[] = {
    {.name = "down", .kind = IRSA_SANDBOX_FIELD_ANY, .offset = offsetof(struct wishes, down)},
    {.name = "errors", .kind = IRSA_SANDBOX_FIELD_OBJECT, .offset = offsetof(struct wishes, errors)},
    {.name = "topics", .kind = IRSA_SANDBOX_FIELD_ARRAY, .offset = offsetof(struct wishes, topics)},
};

static bool set_down(struct irsa_sandbox_broker *broker, const struct irsa_json *down, struct irsa_error *err) {
    if (down->kind != IRSA_JSON_TRUE && down->kind != IRSA_JSON_FALSE)
        return IRSA_FAIL(err, INVALID, "\"down\" must be true or false");
    irsa_mock_set_down(broker->mock, down->kind == IRSA_JSON_TRUE);
    return true;
}

static bool push_errors(struct irsa_sandbox_broker *broker, const struct irsa_json *errors, struct irsa_error *err) {
    const char *api = irsa_json_get_text(errors, "api");
    const struct irsa_json *codes = irsa_json_get(errors, "codes");
    int values[MAX_ERRORS];
    size_t count = 0;
    if (api == NULL || codes == NULL || codes->kind != IRSA_JSON_ARRAY || codes->count > MAX_ERRORS)
        return IRSA_FAIL(err, INVALID, "\"errors\" must be {\"api\": \"Produce\", \"codes\": [at most %d numbers]}",
                         MAX_ERRORS);
    for (const struct irsa_json *code = codes->first; code != NULL; code = code->next) {
        int64_t value;
        if (!irsa_json_integer(code, &value) || value < -1000 || value > 1000)
            return IRSA_FAIL(err, INVALID, "\"codes\" are Kafka's error codes");
        values[count++] = (int)value;
    }
    return irsa_mock_push_errors(broker->mock, api, values, count, err);
}

static bool add_topics(struct irsa_sandbox_broker *broker, const struct irsa_json *prefixes, struct irsa_error *err) {
    for (const struct irsa_json *prefix = prefixes->first; prefix != NULL; prefix = prefix->next) {
        if (prefix->kind != IRSA_JSON_STRING || irsa_rule_topic_prefix(prefix->text) != NULL)
            return IRSA_FAIL(err, INVALID, "\"topics\" are prefixes such as \"irsa\"");
        if (!make_topics(broker->mock, prefix->text, err))
            return false;
    }
    return true;
}

bool irsa_sandbox_broker_control(struct irsa_sandbox_broker *broker, const struct irsa_json *document,
                                 struct irsa_error *err) {
    struct wishes wishes = {NULL};
    if (!irsa_sandbox_fields_read(wish_fields, sizeof(wish_fields) / sizeof(wish_fields[0]), document, &wishes, err))
        return false;
    return (wishes.down == NULL || set_down(broker, wishes.down, err)) &&
           (wishes.errors == NULL || push_errors(broker, wishes.errors, err)) &&
           (wishes.topics == NULL || add_topics(broker, wishes.topics, err));
}
