/*
 * Settings: the names that the linked librdkafka knows, and the layers that make a client's configuration.
 */
#include "core/kafka/settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "core/kafka/client.h"

/* Our defaults, each with the reason why it is not librdkafka's. A property of the other role is passed over. */
static const struct irsa_pair room_defaults[] = {
    {"client.id", "irsa"},
    {"socket.nagle.disable", "true"},  // on until 2.10: 40 ms for a lone record
    {"log.connection.close", "false"}, // brokers close idle connections; that is no news
    {"acks", "all"},                   // an outcome is told once every replica has it
    {"enable.idempotence", "true"},    // no duplicates and no reordering by retries
    {"partitioner", "murmur2_random"}, // as Java's client: the same key on the same partition for everyone
    {"linger.ms", "1"},                // a lone record is on its way at once; bulk fills its batches all the same
    {"session.timeout.ms", "10000"},   // a dead worker's partitions wait this long
    {"heartbeat.interval.ms", "3000"}, //
    {"partition.assignment.strategy", "range,roundrobin"}, // cooperative-sticky is unsound before 2.10
    {"fetch.wait.max.ms", "100"},           // how long an idle broker holds a fetch: bounds a rebalance's delay too
    {"fetch.error.backoff.ms", "100"},      //
    {"fetch.queue.backoff.ms", "10"},       // from 2.2: a full queue that is emptied is filled again soon
    {"queued.max.messages.kbytes", "1024"}, // per partition, keys and values only: takes four times that in memory
};

/* One property that the linked version has. */
struct property {
    const char *name;
    char scope; // 'P', 'C' or '*'
};

struct properties {
    struct property *at;
    size_t count;
};

/* Take one row, "name | C/P | range | …", of the table that librdkafka prints. */
static bool read_row(char *line, struct property *out_property) {
    char *bar = strchr(line, '|');
    if (bar == NULL)
        return false;
    size_t length = strcspn(line, " |");
    char *scope = bar + 1 + strspn(bar + 1, " ");
    line[length] = '\0';
    if (strchr("PC*", *scope) == NULL || *scope == '\0' || irsa_text_ends_with(line, "_cb") ||
        strcmp(line, "Property") == 0)
        return false; // callbacks cannot be given as text
    *out_property = (struct property){.name = line, .scope = *scope};
    return true;
}

/*
 * What the linked version knows. librdkafka has no call that lists it: it prints its reference table, which is read
 * here. Also the only place where a property's scope is told.
 */
static struct properties list_properties(struct irsa_arena *arena) {
    char *table = NULL;
    size_t length = 0;
    FILE *stream = open_memstream(&table, &length);
    if (stream == NULL)
        abort(); // out of memory
    rd_kafka_conf_properties_show(stream);
    fclose(stream);
    char *text = irsa_arena_copy_bytes(arena, table, length);
    free(table);

    size_t lines = 1;
    for (const char *p = text; (p = strchr(p, '\n')) != NULL; p++)
        lines++;
    struct properties list = {.at = IRSA_NEW_ARRAY(arena, struct property, lines)};
    char *rest = text;
    for (char *line; (line = strsep(&rest, "\n")) != NULL;)
        list.count += read_row(line, &list.at[list.count]);
    return list;
}

static const struct property *find_property(const struct properties *list, const char *name) {
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->at[i].name, name) == 0)
            return &list->at[i];
    return NULL;
}

/* Values that must not be shown: librdkafka has no mark for all of them. */
static bool is_secret(const char *name) {
    return strstr(name, "password") != NULL || strstr(name, "secret") != NULL || strstr(name, "key.pem") != NULL ||
           strcmp(name, "sasl.oauthbearer.config") == 0;
}

static bool fail_unknown(const struct properties *list, struct irsa_arena *arena, const char *name,
                         struct irsa_error *err) {
    const char **names = IRSA_NEW_ARRAY(arena, const char *, list->count);
    for (size_t i = 0; i < list->count; i++)
        names[i] = list->at[i].name;
    const char *nearest = irsa_text_nearest(name, names, list->count);
    if (nearest == NULL)
        IRSA_FAIL(err, CONFIG, "%s has no setting \"%s\"", irsa_kafka_version(), name);
    else
        IRSA_FAIL(err, CONFIG, "%s has no setting \"%s\"; did you mean \"%s\"?", irsa_kafka_version(), name, nearest);
    return irsa_error_from(err, "kafka", "");
}

static bool set(rd_kafka_conf_t *conf, const struct irsa_pair *pair, struct irsa_error *err) {
    char reason[512] = "";
    if (rd_kafka_conf_set(conf, pair->key, pair->value, reason, sizeof reason) == RD_KAFKA_CONF_OK)
        return true;
    // librdkafka's reason may quote the value
    if (is_secret(pair->key))
        IRSA_FAIL(err, CONFIG, "kafka setting \"%s\": %s does not take this value", pair->key, irsa_kafka_version());
    else
        IRSA_FAIL(err, CONFIG, "kafka setting \"%s\" = \"%s\": %s (%s)", pair->key, pair->value, reason,
                  irsa_kafka_version());
    return irsa_error_from(err, "kafka", "");
}

static bool is_for(const struct irsa_client_settings *settings, const struct property *property) {
    if (!settings->is_member &&
        (strcmp(property->name, "group.id") == 0 || strcmp(property->name, "group.instance.id") == 0))
        return false;
    return property->scope == '*' || property->scope == (char)settings->role;
}

/* Set those of `layer` that this client has. What the linked version does not know has been refused by judge(). */
static bool set_layer(rd_kafka_conf_t *conf, const struct properties *list, const struct irsa_client_settings *settings,
                      struct irsa_pairs layer, struct irsa_error *err) {
    for (size_t i = 0; i < layer.count; i++) {
        const struct property *property = find_property(list, layer.at[i].key);
        if (property != NULL && is_for(settings, property) && !set(conf, &layer.at[i], err))
            return false;
    }
    return true;
}

static bool judge(const struct properties *list, struct irsa_arena *arena, struct irsa_pairs given,
                  struct irsa_error *err) {
    rd_kafka_conf_t *scratch = rd_kafka_conf_new();
    bool is_fine = true;
    for (size_t i = 0; i < given.count && is_fine; i++) {
        const struct irsa_pair *pair = &given.at[i];
        is_fine = find_property(list, pair->key) == NULL ? fail_unknown(list, arena, pair->key, err)
                                                         : set(scratch, pair, err);
    }
    rd_kafka_conf_destroy(scratch);
    return is_fine;
}

static bool check_fixed(const struct irsa_client_settings *settings, struct irsa_error *err) {
    for (size_t i = 0; i < settings->fixed.count; i++) {
        const struct irsa_pair *fixed = &settings->fixed.at[i];
        const char *given = irsa_kafka_setting(settings->given, fixed->key);
        if (given != NULL && strcmp(given, fixed->value) != 0) {
            IRSA_FAIL(err, CONFIG, "kafka setting \"%s\" is always \"%s\" here", fixed->key, fixed->value);
            return irsa_error_from(err, "kafka", "");
        }
    }
    return true;
}

rd_kafka_conf_t *irsa_client_conf(const struct irsa_client_settings *settings, struct irsa_error *err) {
    const struct irsa_pairs ours = {room_defaults, sizeof room_defaults / sizeof room_defaults[0]};
    struct irsa_arena *arena = irsa_arena_new();
    const struct properties list = list_properties(arena);
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    bool is_fine = judge(&list, arena, settings->given, err) && check_fixed(settings, err) &&
                   set_layer(conf, &list, settings, ours, err) &&
                   set_layer(conf, &list, settings, settings->defaults, err) &&
                   set_layer(conf, &list, settings, settings->given, err) &&
                   set_layer(conf, &list, settings, settings->fixed, err);
    irsa_arena_free(arena);
    if (is_fine)
        return conf;
    rd_kafka_conf_destroy(conf);
    return NULL;
}

bool irsa_kafka_settings_check(struct irsa_pairs settings, struct irsa_error *err) {
    struct irsa_arena *arena = irsa_arena_new();
    const struct properties list = list_properties(arena);
    bool is_fine = judge(&list, arena, settings, err);
    irsa_arena_free(arena);
    return is_fine;
}

const char *irsa_kafka_setting(struct irsa_pairs settings, const char *name) {
    for (size_t i = settings.count; i-- > 0;)
        if (strcmp(settings.at[i].key, name) == 0)
            return settings.at[i].value;
    return NULL;
}

const char *irsa_kafka_version(void) {
    static _Thread_local char text[64];
    snprintf(text, sizeof text, "librdkafka %s", rd_kafka_version_str());
    return text;
}
