/*
 * Requests: from records and into records.
 */
#include "core/contract/request.h"

#include <stdio.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/contract/event.h"

#define DEFAULT_NAMESPACE "default"
#define REPLAYS_MAX       1000000

static const char *const types[] = {
    [IRSA_ACTION_CREATE] = "dev.irsa.iamserviceaccount.create.requested.v1",
    [IRSA_ACTION_UPDATE] = "dev.irsa.iamserviceaccount.update.requested.v1",
    [IRSA_ACTION_DELETE] = "dev.irsa.iamserviceaccount.delete.requested.v1",
    [IRSA_ACTION_ASSOCIATE_OIDC] = "dev.irsa.iamserviceaccount.associate-oidc.requested.v1",
};

const char *irsa_request_type(enum irsa_action action) {
    return types[action];
}

const char *irsa_request_namespace(const struct irsa_request *request) {
    const char *name = request->service_account.namespace_name;
    return name == NULL ? DEFAULT_NAMESPACE : name;
}

const char *irsa_request_key(struct irsa_arena *arena, const struct irsa_request *request) {
    const struct irsa_cluster_name *cluster = &request->cluster;
    if (request->action == IRSA_ACTION_ASSOCIATE_OIDC)
        return irsa_arena_format(arena, "%s/%s", cluster->region, cluster->name);
    return irsa_arena_format(arena, "%s/%s/%s/%s", cluster->region, cluster->name, irsa_request_namespace(request),
                             request->service_account.name);
}

const char *irsa_request_subject(struct irsa_arena *arena, const struct irsa_request *request) {
    const char *account = request->cluster.account_id;
    return irsa_arena_format(arena, "%s/%s", account == NULL ? "-" : account, irsa_request_key(arena, request));
}

bool irsa_request_is_keyed(const struct irsa_record *record, const char *key) {
    return record->key != NULL && record->key_length == strlen(key) &&
           memcmp(record->key, key, record->key_length) == 0;
}

unsigned irsa_request_replays(const struct irsa_record *record) {
    const struct irsa_header *header = irsa_record_header(record, IRSA_REPLAYS_HEADER);
    char text[16];
    int64_t replays = 0;
    if (header == NULL || header->value == NULL || header->length >= sizeof text)
        return 0;
    memcpy(text, header->value, header->length);
    text[header->length] = '\0';
    if (!irsa_text_to_integer(text, 0, REPLAYS_MAX, &replays))
        return 0;
    return (unsigned)replays;
}

/* First the form of what is there, then the values one by one, then what they say together. */
static bool check_values(const struct irsa_request *request, const struct irsa_json *policy, struct irsa_error *err) {
    if (!irsa_policy_check(policy, "/serviceAccount/attachPolicy", err) || !irsa_request_check(request, err) ||
        !irsa_fields_check(&irsa_request_fields, request, "", err))
        return false;
    if (request->action == IRSA_ACTION_ASSOCIATE_OIDC)
        return true;
    return irsa_service_account_check(&request->service_account, request->cluster.region, request->action,
                                      "/serviceAccount", err);
}

/* An empty object expects nothing and leaves nothing in the struct, so it is looked for where it still can be seen. */
static bool expects_something(const struct irsa_json *data, struct irsa_error *err) {
    const struct irsa_json *expect = irsa_json_get(irsa_json_get(data, "options"), "expect");
    if (expect == NULL || expect->count > 0)
        return true;
    IRSA_FAIL(err, INVALID, "must have roleID, uid or both");
    irsa_error_at(err, "/options/expect");
    return irsa_error_name_place(err);
}

bool irsa_request_decode_data(struct irsa_arena *arena, const struct irsa_json *data, struct irsa_request *out_request,
                              struct irsa_error *err) {
    struct irsa_event event = out_request->event;
    *out_request = (struct irsa_request){.event = event};
    if (!irsa_fields_decode(&irsa_request_fields, arena, data, "", out_request, err)) {
        *out_request = (struct irsa_request){.event = event}; /* nothing that is half read */
        return false;
    }
    const struct irsa_json *policy = irsa_json_get(irsa_json_get(data, "serviceAccount"), "attachPolicy");
    return (check_values(out_request, policy, err) && expects_something(data, err)) || irsa_error_find_line(err, data);
}

/* The data of a structured event is a member of it, and places are named from the event on. */
static bool is_structured(const struct irsa_event *event) {
    return event->data != NULL && event->data->key != NULL;
}

/* The type says what is asked for as well as the data; they must not disagree. Bare data has no type. */
static bool is_type_of_action(const struct irsa_event *event, enum irsa_action action, struct irsa_error *err) {
    if (event->type == NULL || strcmp(event->type, types[action]) == 0)
        return true;
    IRSA_FAIL(err, SCHEMA, "action: \"%s\" does not agree with the event's type %s", irsa_action_name(action),
              event->type);
    return irsa_error_at_key(err, "action");
}

static bool is_type_known(const struct irsa_event *event, struct irsa_error *err) {
    if (event->type == NULL)
        return true;
    for (int action = 0; action < IRSA_ACTION_COUNT; action++)
        if (strcmp(event->type, types[action]) == 0)
            return true;
    char problem[256];
    const char *nearest = irsa_text_nearest(event->type, types, IRSA_ACTION_COUNT);
    snprintf(problem, sizeof problem, "is no type of a request%s%s%s", nearest == NULL ? "" : "; did you mean ",
             nearest == NULL ? "" : nearest, nearest == NULL ? "" : "?");
    irsa_error_set_rule(err, event->type, problem);
    irsa_error_wrap(err, "type");
    err->code = IRSA_CODE_SCHEMA;
    return is_structured(event) && irsa_error_at_key(err, "type");
}

static bool decode_event_data(struct irsa_arena *arena, struct irsa_request *request, struct irsa_error *err) {
    struct irsa_event *event = &request->event;
    bool is_fine = irsa_request_decode_data(arena, event->data, request, err);
    if (!is_fine && err->code != IRSA_CODE_INVALID)
        return false;
    if (!is_type_of_action(event, request->action, err)) {
        *request = (struct irsa_request){.event = *event};
        return irsa_error_find_line(err, event->data);
    }
    event->type = types[request->action];
    return is_fine;
}

bool irsa_request_decode(struct irsa_arena *arena, const struct irsa_record *record, struct irsa_request *out_request,
                         struct irsa_error *err) {
    *out_request = (struct irsa_request){0};
    struct irsa_event *event = &out_request->event;
    if (!irsa_event_decode(arena, record, event, err) || !is_type_known(event, err))
        return false;
    if (event->data == NULL)
        return IRSA_FAIL(err, SCHEMA, "the record has no value, so there is nothing to do");
    if (decode_event_data(arena, out_request, err))
        return true;
    if (!is_structured(event))
        return false;
    if (err->at[0] == '\0') /* else the words begin with the place within the data */
        irsa_error_wrap(err, "%s", event->data->key);
    return irsa_error_at_key(err, event->data->key);
}

/* Attributes that the caller has set; what is absent is made up later. */
static bool check_event(const struct irsa_event *event, struct irsa_error *err) {
    const struct {
        const char *name;
        const char *value;
        irsa_name_rule_fn *rule;
    } attributes[] = {
        {"id", event->id, irsa_rule_event_id},
        {"source", event->source, irsa_rule_event_source},
        {"correlationid", event->correlation_id, irsa_rule_event_id},
    };
    for (size_t i = 0; i < sizeof attributes / sizeof attributes[0]; i++) {
        const char *problem = attributes[i].value == NULL ? NULL : attributes[i].rule(attributes[i].value);
        if (problem == NULL)
            continue;
        irsa_error_set_rule(err, attributes[i].value, problem);
        return irsa_error_wrap(err, "the event's %s", attributes[i].name);
    }
    return true;
}

static bool parse_policy(struct irsa_arena *arena, const char *text, const struct irsa_json **out_policy,
                         struct irsa_error *err) {
    struct irsa_json_limits limits = {IRSA_REQUEST_MAX_BYTES, IRSA_JSON_MAX_DEPTH};
    if (!irsa_json_parse(arena, text, strlen(text), limits, out_policy, err) ||
        ((*out_policy)->kind != IRSA_JSON_OBJECT && !IRSA_FAIL(err, INVALID, "must be an object"))) {
        irsa_error_at(err, "/serviceAccount/attachPolicy");
        return irsa_error_name_place(err);
    }
    return true;
}

static bool validate(struct irsa_arena *arena, const struct irsa_request *request, struct irsa_error *err) {
    const struct irsa_json *policy = NULL;
    const char *text = request->service_account.attach_policy;
    if (text != NULL && !parse_policy(arena, text, &policy, err))
        return false;
    return check_values(request, policy, err) && check_event(&request->event, err);
}

bool irsa_request_validate(const struct irsa_request *request, struct irsa_error *err) {
    struct irsa_arena *arena = irsa_arena_new();
    bool is_fine = validate(arena, request, err);
    irsa_arena_free(arena);
    if (!is_fine && err->code == IRSA_CODE_SCHEMA)
        err->code = IRSA_CODE_INVALID; /* there is no message yet whose form could be wrong */
    return is_fine;
}

void irsa_request_write_data(const struct irsa_request *request, struct irsa_json_writer *w) {
    irsa_fields_encode(&irsa_request_fields, request, NULL, w);
}

bool irsa_request_encode(struct irsa_arena *arena, const struct irsa_request *request, const char *topic,
                         struct irsa_record *out_record, struct irsa_error *err) {
    struct irsa_text data;
    struct irsa_json_writer w;
    irsa_text_init(&data, arena, IRSA_REQUEST_MAX_BYTES);
    irsa_json_begin(&w, &data);
    irsa_request_write_data(request, &w);
    if (data.is_over)
        return IRSA_FAIL(err, TOO_LARGE, "the request is larger than %zu bytes", IRSA_REQUEST_MAX_BYTES);

    struct irsa_event event = request->event;
    event.type = types[request->action];
    event.partition_key = irsa_request_key(arena, request);
    event.subject = irsa_request_subject(arena, request);
    struct irsa_record record = {.topic = topic, .partition = -1, .offset = -1, .timestamp_ms = IRSA_NO_TIME};
    record.headers = irsa_event_headers(arena, &event, &record.header_count);
    record.key = event.partition_key;
    record.key_length = strlen(event.partition_key);
    record.value = data.at;
    record.value_length = data.length;
    if (!irsa_record_is_bounded(&record, err))
        return false;
    *out_record = record;
    return true;
}
