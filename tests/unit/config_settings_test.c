#include "core/config/settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/base/text.h"
#include "tests/support/test.h"

static struct irsa_arena *arena;
static struct irsa_error err;
static char path[64];

struct settings {
    const char *guardrails;
    const char *prefix;
    int64_t executors;
    int64_t per_cluster;
    int64_t drain_ms;
    bool until_idle;
};

#define AT(member) offsetof(struct settings, member)

static const struct irsa_setting rows[] = {
    {"guardrails", "IRSA_GUARDRAILS", "--guardrails", IRSA_SETTING_TEXT, AT(guardrails), 0, 0, NULL, "FILE",
     "who may ask for what"},
    {"topics.prefix", "IRSA_TOPICS_PREFIX", "--topics-prefix", IRSA_SETTING_TEXT, AT(prefix), 0, 0, "irsa", "NAME",
     "prefix of the topics, one group of workers per prefix, which is a sentence long enough to be broken into lines"},
    {"executors", "IRSA_EXECUTORS", "--executors", IRSA_SETTING_INTEGER, AT(executors), 1, 1024, "64", "N", "threads"},
    {"executors.per_cluster", "IRSA_EXECUTORS_PER_CLUSTER", "--executors-per-cluster", IRSA_SETTING_INTEGER,
     AT(per_cluster), 0, INT64_MAX, "8", "N", "of them for one cluster"},
    {"drain", "IRSA_DRAIN", "--drain", IRSA_SETTING_DURATION, AT(drain_ms), 0, 3600000, "45s", "DURATION", "patience"},
    {"until_idle", "IRSA_UNTIL_IDLE", NULL, IRSA_SETTING_BOOLEAN, AT(until_idle), 0, 0, "false", NULL, "end when done"},
};
static const struct irsa_setting_table table = {rows, COUNT_OF(rows)};

static struct settings settings;
static struct irsa_pairs kafka;

static const char *write_settings(const char *yaml) {
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(yaml, file);
    fclose(file);
    return path;
}

static bool read_all(const char *file, const char *const *environment, struct irsa_pairs flags, struct irsa_pairs x) {
    char *copies[16] = {NULL}; /* environ is not const */
    for (size_t i = 0; environment != NULL && environment[i] != NULL; i++)
        copies[i] = irsa_arena_copy(arena, environment[i]);
    const struct irsa_setting_inputs inputs = {
        .flags = flags, .kafka = x, .file = file == NULL ? NULL : write_settings(file), .environment = copies};
    memset(&settings, 0, sizeof settings);
    return irsa_settings_read(&table, arena, &inputs, &settings, &kafka, &err);
}

static bool read_file(const char *file) {
    return read_all(file, NULL, (struct irsa_pairs){NULL, 0}, (struct irsa_pairs){NULL, 0});
}

static const char *kafka_of(const char *name) {
    for (size_t i = 0; i < kafka.count; i++)
        if (strcmp(kafka.at[i].key, name) == 0)
            return kafka.at[i].value;
    return NULL;
}

static void without_anything_the_defaults_hold(void **state) {
    (void)state;
    assert_ok(read_file(NULL), err);
    assert_null(settings.guardrails);
    assert_string_equal(settings.prefix, "irsa");
    assert_int_equal(settings.executors, 64);
    assert_int_equal(settings.per_cluster, 8);
    assert_int_equal(settings.drain_ms, 45000);
    assert_false(settings.until_idle);
    assert_int_equal(kafka.count, 0);
}

static void flags_weigh_more_than_the_environment_and_that_more_than_the_file(void **state) {
    (void)state;
    const char *const environment[] = {"IRSA_EXECUTORS=20",
                                       "IRSA_TOPICS_PREFIX=env",
                                       "PATH=x",
                                       "IRSA_OTHER=y",
                                       "IRSA_DRAIN=",
                                       "IRSA_KAFKA_BOOTSTRAP_SERVERS=env:1",
                                       "IRSA_KAFKA_CLIENT_ID=env",
                                       "IRSA_NOEQUALS",
                                       NULL};
    const struct irsa_pair flags[] = {{"--executors", "30"}};
    const struct irsa_pair x[] = {{"bootstrap.servers", "x:1"}, {"acks", "1"}, {"acks", "all"}};
    assert_ok(read_all("executors: 10\ntopics: {prefix: file}\ndrain: 10s\nguardrails: /etc/rules\n"
                       "kafka: {bootstrap.servers: 'file:1', client.id: file, linger.ms: 5, enable.idempotence: yes}\n",
                       environment, (struct irsa_pairs){flags, 1}, (struct irsa_pairs){x, 3}),
              err);
    assert_int_equal(settings.executors, 30);
    assert_string_equal(settings.prefix, "env");
    assert_int_equal(settings.drain_ms, 10000);
    assert_string_equal(settings.guardrails, "/etc/rules");
    assert_string_equal(kafka_of("bootstrap.servers"), "x:1");
    assert_string_equal(kafka_of("client.id"), "env");
    assert_string_equal(kafka_of("linger.ms"), "5");
    assert_string_equal(kafka_of("enable.idempotence"), "true");
    assert_string_equal(kafka_of("acks"), "all");
    assert_int_equal(kafka.count, 5);
}

static void a_setting_in_the_file_is_nested_or_dotted(void **state) {
    (void)state;
    assert_ok(read_file("topics.prefix: a\nexecutors: 7\nexecutors.per_cluster: 3\nuntil_idle: on\n"), err);
    assert_string_equal(settings.prefix, "a");
    assert_int_equal(settings.executors, 7);
    assert_int_equal(settings.per_cluster, 3);
    assert_true(settings.until_idle);
    assert_ok(read_file("executors: {per_cluster: 4}\nkafka:\n  ssl: {ca: {location: /ca.pem}}\n"), err);
    assert_int_equal(settings.per_cluster, 4);
    assert_string_equal(kafka_of("ssl.ca.location"), "/ca.pem");
    assert_ok(read_file("# nothing\n"), err);
    assert_ok(read_file("executors:\nkafka:\n"), err);
    assert_int_equal(settings.executors, 64);
}

static void a_word_that_yaml_takes_for_a_truth_value_is_text_where_text_is_wanted(void **state) {
    (void)state;
    assert_ok(read_file("guardrails: off\n"), err);
    assert_string_equal(settings.guardrails, "off");
    assert_ok(read_file("{\"guardrails\": true}"), err);
    assert_string_equal(settings.guardrails, "true");
}

static void faults_name_the_place_in_the_file(void **state) {
    (void)state;
    static const struct {
        const char *yaml, *message;
    } cases[] = {
        {"executor: 5\n", ":1:1: executor: this setting is unknown; did you mean executors?"},
        {"topics:\n  prefx: x\n", ":2:3: topics.prefx: this setting is unknown; did you mean topics.prefix?"},
        {"wholly: {different: 1}\n", ":1:10: wholly.different: this setting is unknown; --help lists all"},
        {"a: 1\nkafk: {x: 1}\n", ":1:1: a: this setting is unknown"},
        {"executors: many\n", ":1:1: executors: \"many\" must be an integer from 1 to 1024"},
        {"executors: 0\n", ":1:1: executors: \"0\" must be an integer from 1 to 1024"},
        {"executors: 1.5\n", ":1:1: executors: \"1.5\" must be an integer"},
        {"executors: {per_cluster: -1}\n", ":1:13: executors.per_cluster: \"-1\" must be an integer of at least 0"},
        {"topics.prefix: 7\n", ":1:1: topics.prefix: must be a string, not a number; put it in double quotes"},
        {"drain: soon\n", ":1:1: drain: "},
        {"drain: 2h\n", ":1:1: drain: \"2h\" must be from 0 ms to 3600000 ms"},
        {"until_idle: maybe\n", ":1:1: until_idle: \"maybe\" must be true or false"},
        {"executors: [1]\n", ":1:1: executors: must be a single value, not a list"},
        {"topics: {prefix: a}\ntopics.prefix: b\n", ":2:1: topics.prefix: the setting is there twice"},
        {"executors: 1\nexecutors: 2\n", ":2:1: the key \"executors\" is repeated"},
        {"- a\n", ":1:1: a settings file must be a mapping"},
        {"executors: 1\n---\nexecutors: 2\n", ":3:1: a settings file is one document"},
        {"a: [\n", ":2:1: did not find"},
        {"\ta: 1\n", ":1:1: a tab cannot indent"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_false(read_file(cases[i].yaml));
        assert_code(err, CONFIG);
        const char *wanted = irsa_arena_format(arena, "%s%s", path, cases[i].message);
        if (!irsa_text_starts_with(err.message, wanted))
            fail_msg("%s\nwanted %s\ngot    %s", cases[i].yaml, wanted, err.message);
    }
}

static void faults_name_the_variable_or_the_flag(void **state) {
    (void)state;
    const char *const environment[] = {"IRSA_EXECUTORS=2000", NULL};
    const struct irsa_pair wrong[] = {{"--drain", "x"}}, unknown[] = {{"--until-idle", "true"}};
    const struct irsa_pairs none = {NULL, 0};
    assert_false(read_all(NULL, environment, none, none));
    assert_code(err, CONFIG);
    assert_string_equal(err.message, "IRSA_EXECUTORS: \"2000\" must be an integer from 1 to 1024");
    assert_false(read_all(NULL, NULL, (struct irsa_pairs){wrong, 1}, none));
    assert_code(err, CONFIG);
    assert_true(irsa_text_starts_with(err.message, "--drain: "));
    assert_false(read_all(NULL, NULL, (struct irsa_pairs){unknown, 1}, none));
    assert_code(err, CONFIG);
}

static void a_settings_file_that_is_missing_is_an_error(void **state) {
    (void)state;
    const struct irsa_setting_inputs inputs = {.file = "/nowhere/at/all.yaml"}, empty = {.file = ""};
    assert_false(irsa_settings_read(&table, arena, &inputs, &settings, &kafka, &err));
    assert_code(err, CONFIG);
    assert_string_equal(err.message, "the settings file: /nowhere/at/all.yaml: No such file or directory");
    assert_ok(irsa_settings_read(&table, arena, &empty, &settings, &kafka, &err), err);
}

static void truth_has_many_spellings(void **state) {
    (void)state;
    static const char *const yes[] = {"true", "TRUE", "yes", "On", "1"}, *const no[] = {"false", "no", "OFF", "0"};
    for (size_t i = 0; i < COUNT_OF(yes); i++) {
        const char *const environment[] = {irsa_arena_format(arena, "IRSA_UNTIL_IDLE=%s", yes[i]), NULL};
        assert_ok(read_all(NULL, environment, (struct irsa_pairs){NULL, 0}, (struct irsa_pairs){NULL, 0}), err);
        assert_true(settings.until_idle);
    }
    for (size_t i = 0; i < COUNT_OF(no); i++) {
        const char *const environment[] = {irsa_arena_format(arena, "IRSA_UNTIL_IDLE=%s", no[i]), NULL};
        assert_ok(read_all("until_idle: true", environment, (struct irsa_pairs){NULL, 0}, (struct irsa_pairs){NULL, 0}),
                  err);
        assert_false(settings.until_idle);
    }
}

static void help_names_every_setting_in_all_its_forms(void **state) {
    (void)state;
    const char *help = irsa_settings_help(&table, arena);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_non_null(strstr(help, rows[i].environment));
        assert_non_null(strstr(help, rows[i].key));
    }
    assert_non_null(strstr(help, "  --drain DURATION           patience [IRSA_DRAIN; drain; default 45s]\n"));
    for (const char *line = help; *line != '\0';) {
        size_t length = strcspn(line, "\n");
        assert_in_range(length, 1, 100);
        line += length + 1;
    }
}

static int set_up(void **state) {
    (void)state;
    arena = irsa_arena_new();
    strcpy(path, "/tmp/irsa-settings-test-XXXXXX");
    int fd = mkstemp(path);
    return fd < 0 ? -1 : close(fd);
}

static int tear_down(void **state) {
    (void)state;
    irsa_arena_free(arena);
    return unlink(path);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(without_anything_the_defaults_hold),
        TEST(flags_weigh_more_than_the_environment_and_that_more_than_the_file),
        TEST(a_setting_in_the_file_is_nested_or_dotted),
        TEST(a_word_that_yaml_takes_for_a_truth_value_is_text_where_text_is_wanted),
        TEST(faults_name_the_place_in_the_file),
        TEST(faults_name_the_variable_or_the_flag),
        TEST(a_settings_file_that_is_missing_is_an_error),
        TEST(truth_has_many_spellings),
        TEST(help_names_every_setting_in_all_its_forms),
    };
    return RUN_TESTS("settings");
}
