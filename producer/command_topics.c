/*
 * topics create and topics check: the topics by the one table of the contract.
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/contract/topics.h"
#include "core/kafka/admin.h"
#include "producer/commands.h"
#include "producer/output.h"
#include "producer/send.h"
#include "producer/table.h"
#include "producer/terminal.h"

#define CONFIGS_MAX     8
#define PARTITIONS_MAX  10000
#define REPLICATION_MAX 100
#define REMARK_BYTES    512
#define SETTLE_MS       20

static const char *const headings[] = {"TOPIC", "PARTITIONS", "STATE", "REMARK", NULL};

struct topic_row {
    const char *name;
    int partitions; /* 0: not there */
    const char *state;
    const char *remark;
    bool is_bad;
};

struct topics {
    const struct irsa_session *session;
    struct irsa_admin *admin;
    int partitions; /* 0: as the plan has it */
    int replication;
    bool is_mute; /* the broker does not tell settings; it is asked once only */
    struct topic_row rows[IRSA_TOPIC_COUNT];
};

static int timeout_ms(const struct topics *topics) {
    return (int)topics->session->settings.broker_timeout_ms;
}

/* Is the topic there? False with NOT_FOUND when it is not. */
static bool count_partitions(struct topics *topics, enum irsa_topic topic, struct irsa_error *err) {
    struct topic_row *row = &topics->rows[topic];
    return irsa_admin_count_partitions(topics->admin, row->name, timeout_ms(topics), &row->partitions, err);
}

/* Until the brokers know of what was made, so that the next command finds it. */
static bool await_topic(struct topics *topics, enum irsa_topic topic, struct irsa_error *err) {
    const struct irsa_clock *clock = irsa_clock_system();
    int64_t deadline_ms = irsa_clock_monotonic_ms(clock) + timeout_ms(topics);
    while (!count_partitions(topics, topic, err)) {
        if (err->code != IRSA_CODE_NOT_FOUND || irsa_clock_monotonic_ms(clock) > deadline_ms)
            return irsa_error_wrap(err, "%s was made but does not appear", topics->rows[topic].name);
        clock->sleep_ms(clock->self, SETTLE_MS, NULL);
    }
    return true;
}

static bool create_topic(struct topics *topics, enum irsa_topic topic, struct irsa_error *err) {
    struct topic_row *row = &topics->rows[topic];
    const struct irsa_topic_plan *plan = &irsa_topic_plans[topic];
    bool is_created = false;
    if (count_partitions(topics, topic, err)) {
        row->state = "exists";
        return true;
    }
    if (err->code != IRSA_CODE_NOT_FOUND)
        return irsa_broker_explain(topics->session, row->name, err);
    const struct irsa_new_topic new_topic = {
        .name = row->name,
        .partitions = topics->partitions > 0 && plan->partitions > 1 ? topics->partitions : plan->partitions,
        .replication = topics->replication,
        .configs = plan->configs,
    };
    if (!irsa_admin_create_topic(topics->admin, &new_topic, timeout_ms(topics), &is_created, err))
        return false;
    row->state = is_created ? "created" : "exists";
    return await_topic(topics, topic, err);
}

/* A smaller number than ours is told; what is cleaned up how must be as planned. */
static void compare(const struct irsa_pair *planned, const char *found, struct irsa_text *remark, bool *out_is_bad) {
    int64_t planned_number, found_number;
    if (found == NULL || strcmp(found, planned->value) == 0)
        return;
    bool is_policy = strcmp(planned->key, "cleanup.policy") == 0;
    bool is_less = irsa_text_to_integer(planned->value, INT64_MIN, INT64_MAX, &planned_number) &&
                   irsa_text_to_integer(found, INT64_MIN, INT64_MAX, &found_number) && found_number >= 0 &&
                   found_number < planned_number;
    if (!is_policy && !is_less)
        return;
    irsa_text_addf(remark, "%s%s is %s, should be %s%s", remark->length > 0 ? "; " : "", planned->key, found,
                   is_policy ? "" : "at least ", planned->value);
    *out_is_bad |= is_policy;
}

/* The values of the planned settings. False when the broker does not tell. */
static bool read_configs(struct topics *topics, enum irsa_topic topic, const char *values[CONFIGS_MAX],
                         struct irsa_error *err) {
    const struct irsa_pairs planned = irsa_topic_plans[topic].configs;
    const char *names[CONFIGS_MAX];
    for (size_t i = 0; i < planned.count; i++)
        names[i] = planned.at[i].key;
    return irsa_admin_read_configs(topics->admin, topics->session->arena, topics->rows[topic].name,
                                   (struct irsa_strings){names, planned.count}, timeout_ms(topics), values, err);
}

static void check_configs(struct topics *topics, enum irsa_topic topic) {
    const struct irsa_pairs planned = irsa_topic_plans[topic].configs;
    struct topic_row *row = &topics->rows[topic];
    const char *values[CONFIGS_MAX];
    struct irsa_text remark;
    struct irsa_error err;
    assert(planned.count <= CONFIGS_MAX);
    row->state = "exists";
    row->remark = "its settings are not known";
    if (topics->is_mute)
        return;
    irsa_text_init(&remark, topics->session->arena, REMARK_BYTES);
    topics->is_mute = !read_configs(topics, topic, values, &err);
    if (topics->is_mute) {
        irsa_say("the broker does not tell the topics' settings: %s", err.message);
        return;
    }
    for (size_t i = 0; i < planned.count; i++)
        compare(&planned.at[i], values[i], &remark, &row->is_bad);
    row->state = row->is_bad ? "wrong" : "ok";
    row->remark = remark.at;
}

static bool check_topic(struct topics *topics, enum irsa_topic topic, struct irsa_error *err) {
    struct topic_row *row = &topics->rows[topic];
    if (count_partitions(topics, topic, err)) {
        check_configs(topics, topic);
        return true;
    }
    if (err->code != IRSA_CODE_NOT_FOUND)
        return irsa_broker_explain(topics->session, row->name, err);
    row->state = "missing";
    row->remark = "\"irsactl topics create\" makes it";
    row->is_bad = true;
    return true;
}

static enum irsa_colour fill_row(void *self, size_t index, const char **out_cells) {
    const struct topics *topics = self;
    const struct topic_row *row = &topics->rows[index];
    out_cells[0] = row->name;
    out_cells[1] = row->partitions > 0 ? irsa_arena_format(topics->session->arena, "%d", row->partitions) : "";
    out_cells[2] = row->state;
    out_cells[3] = row->remark;
    return row->is_bad ? IRSA_COLOUR_BAD : IRSA_COLOUR_GOOD;
}

static void print_table(struct topics *topics) {
    struct irsa_table table;
    irsa_table_init(&table, headings, stdout);
    table.coloured = 2;
    irsa_table_print_all(&table, IRSA_TOPIC_COUNT, fill_row, topics);
}

static void print_items(const struct topics *topics) {
    struct irsa_output output;
    irsa_output_begin(&output, (enum irsa_output_format)topics->session->arguments->output, stdout);
    for (size_t i = 0; i < IRSA_TOPIC_COUNT; i++) {
        const struct topic_row *row = &topics->rows[i];
        char room[2048];
        struct irsa_text text;
        struct irsa_json_writer w;
        irsa_text_init_fixed(&text, room, sizeof room);
        irsa_json_begin(&w, &text);
        irsa_json_open_object(&w, NULL);
        irsa_json_add_text(&w, "topic", row->name);
        irsa_json_add_integer(&w, "partitions", row->partitions);
        irsa_json_add_text(&w, "state", row->state);
        irsa_json_add_text(&w, "remark", irsa_text_is_empty(row->remark) ? NULL : row->remark);
        irsa_json_close_object(&w);
        irsa_output_add(&output, text.at, text.length);
    }
    irsa_output_end(&output);
}

typedef bool topic_fn(struct topics *topics, enum irsa_topic topic, struct irsa_error *err);

static enum irsa_exit walk(struct topics *topics, topic_fn *each) {
    bool is_bad = false;
    struct irsa_error err;
    for (int i = 0; i < IRSA_TOPIC_COUNT; i++) {
        if (!each(topics, (enum irsa_topic)i, &err)) {
            irsa_complain("%s", err.message);
            return IRSA_EXIT_BROKER;
        }
        is_bad |= topics->rows[i].is_bad;
    }
    if (topics->session->arguments->output == IRSA_OUTPUT_TABLE)
        print_table(topics);
    else
        print_items(topics);
    return is_bad ? IRSA_EXIT_FAILED : IRSA_EXIT_DONE;
}

static bool read_number(const char *flag, const char *text, int max, int *out_number, struct irsa_error *err) {
    int64_t number;
    if (text == NULL)
        return true;
    if (!irsa_text_to_integer(text, 1, max, &number))
        return IRSA_FAIL(err, INVALID, "%s is a number from 1 to %d, not \"%s\"", flag, max, text);
    *out_number = (int)number;
    return true;
}

static enum irsa_exit run(struct irsa_session *session, topic_fn *each) {
    const struct irsa_arguments *arguments = session->arguments;
    struct topics topics = {.session = session, .replication = -1};
    struct irsa_error err;
    if (!read_number("--partitions", arguments->partitions, PARTITIONS_MAX, &topics.partitions, &err) ||
        !read_number("--replication-factor", arguments->replication_factor, REPLICATION_MAX, &topics.replication,
                     &err) ||
        !irsa_session_has_broker(session, &err)) {
        irsa_complain("%s", err.message);
        return IRSA_EXIT_USAGE;
    }
    for (int i = 0; i < IRSA_TOPIC_COUNT; i++)
        topics.rows[i].name = irsa_topic_name(session->arena, session->settings.topics_prefix, (enum irsa_topic)i);
    topics.admin = irsa_admin_open(session->kafka, &err);
    if (topics.admin == NULL) {
        irsa_complain("%s", err.message);
        return IRSA_EXIT_BROKER;
    }
    enum irsa_exit exit = walk(&topics, each);
    irsa_admin_close(topics.admin);
    return exit;
}

enum irsa_exit irsa_run_topics_create(struct irsa_session *session) {
    return run(session, create_topic);
}

enum irsa_exit irsa_run_topics_check(struct irsa_session *session) {
    return run(session, check_topic);
}
