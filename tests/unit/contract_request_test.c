#include "core/contract/request.h"

#include "core/base/arena.h"
#include "core/contract/event.h"
#include "tests/support/test.h"

static struct irsa_arena *arena;
static struct irsa_error err;

static const char *const policies[] = {"arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"};

static struct irsa_request a_request(void) {
    return (struct irsa_request){
        .event = {.id = "e1", .source = "urn:x", .time_ms = 1795516500000, .expiry_ms = IRSA_NO_TIME},
        .action = IRSA_ACTION_CREATE,
        .cluster = {.name = "cluster-13", .region = "us-west-2"},
        .service_account = {.name = "s3-reader", .attach_policy_arns = {policies, 1}},
    };
}

static struct irsa_record bare(const char *json) {
    return (struct irsa_record){.topic = "irsa.requests",
                                .partition = 3,
                                .offset = 4711,
                                .timestamp_ms = 1764000000123,
                                .value = json,
                                .value_length = json == NULL ? 0 : strlen(json)};
}

static void keys_and_subjects_are_made_of_the_names(void **state) {
    (void)state;
    struct irsa_request request = a_request();
    assert_string_equal(irsa_request_namespace(&request), "default");
    assert_string_equal(irsa_request_key(arena, &request), "us-west-2/cluster-13/default/s3-reader");
    assert_string_equal(irsa_request_subject(arena, &request), "-/us-west-2/cluster-13/default/s3-reader");
    request.service_account.namespace_name = "apps";
    request.cluster.account_id = "111122223333";
    assert_string_equal(irsa_request_key(arena, &request), "us-west-2/cluster-13/apps/s3-reader");
    assert_string_equal(irsa_request_subject(arena, &request), "111122223333/us-west-2/cluster-13/apps/s3-reader");
    request.action = IRSA_ACTION_ASSOCIATE_OIDC;
    assert_string_equal(irsa_request_key(arena, &request), "us-west-2/cluster-13");
    assert_string_equal(irsa_request_subject(arena, &request), "111122223333/us-west-2/cluster-13");
}

static void a_record_is_keyed_by_exactly_its_requests_key(void **state) {
    (void)state;
    struct irsa_record record = bare("{}");
    assert_false(irsa_request_is_keyed(&record, "key"));
    record.key = "key and more";
    record.key_length = 3;
    assert_true(irsa_request_is_keyed(&record, "key"));
    record.key_length = 4;
    assert_false(irsa_request_is_keyed(&record, "key"));
    record.key = "";
    record.key_length = 0;
    assert_false(irsa_request_is_keyed(&record, "key"));
}

static void replays_are_counted_by_a_header_that_may_be_anything(void **state) {
    (void)state;
    static const struct {
        const char *value;
        unsigned replays;
    } cases[] = {{"0", 0}, {"3", 3}, {"1000000", 1000000},        {"1000001", 0}, {"-1", 0},
                 {"x", 0}, {"", 0},  {"99999999999999999999", 0}, {" 1", 0}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct irsa_header header = {"irsa_replays", cases[i].value, strlen(cases[i].value)};
        struct irsa_record record = bare("{}");
        record.headers = &header;
        record.header_count = 1;
        assert_int_equal(irsa_request_replays(&record), cases[i].replays);
    }
    struct irsa_record record = bare("{}");
    assert_int_equal(irsa_request_replays(&record), 0);
    const struct irsa_header empty = {"irsa_replays", NULL, 0};
    record.headers = &empty;
    record.header_count = 1;
    assert_int_equal(irsa_request_replays(&record), 0);
}

static void a_request_is_written_as_a_binary_event_under_its_key(void **state) {
    (void)state;
    struct irsa_request request = a_request();
    struct irsa_record record;
    request.event.correlation_id = "batch";
    assert_ok(irsa_request_encode(arena, &request, "irsa.requests", &record, &err), err);
    assert_string_equal(record.topic, "irsa.requests");
    assert_int_equal(record.partition, -1);
    assert_string_equal(record.key, "us-west-2/cluster-13/default/s3-reader");
    assert_int_equal(record.key_length, strlen(record.key));
    assert_string_equal(record.value,
                        "{\"action\":\"create\",\"cluster\":{\"name\":\"cluster-13\",\"region\":\"us-west-2\"},"
                        "\"serviceAccount\":{\"metadata\":{\"name\":\"s3-reader\"},"
                        "\"attachPolicyARNs\":[\"arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess\"]}}");
    static const char *const headers[][2] = {
        {"content-type", "application/json"},
        {"ce_specversion", "1.0"},
        {"ce_id", "e1"},
        {"ce_source", "urn:x"},
        {"ce_type", "dev.irsa.iamserviceaccount.create.requested.v1"},
        {"ce_subject", "-/us-west-2/cluster-13/default/s3-reader"},
        {"ce_time", "2026-11-24T10:35:00.000Z"},
        {"ce_correlationid", "batch"},
        {"ce_partitionkey", "us-west-2/cluster-13/default/s3-reader"},
    };
    assert_int_equal(record.header_count, COUNT_OF(headers));
    for (size_t i = 0; i < COUNT_OF(headers); i++) {
        assert_string_equal(record.headers[i].name, headers[i][0]);
        assert_int_equal(record.headers[i].length, strlen(headers[i][1]));
        assert_memory_equal(record.headers[i].value, headers[i][1], strlen(headers[i][1]));
    }
}

static void a_request_over_256_kib_is_not_written(void **state) {
    (void)state;
    struct irsa_request request = a_request();
    struct irsa_record record;
    char *note = irsa_arena_alloc(arena, IRSA_REQUEST_MAX_BYTES);
    memset(note, 'n', IRSA_REQUEST_MAX_BYTES - 1);
    const struct irsa_pair annotation = {"example.com/note", note};
    request.service_account.annotations = (struct irsa_pairs){&annotation, 1};
    assert_false(irsa_request_encode(arena, &request, "t", &record, &err));
    assert_code(err, TOO_LARGE);
    note[200000] = '\0';
    assert_ok(irsa_request_encode(arena, &request, "t", &record, &err), err);
    const struct irsa_pair extension = {"ticket", note};
    request.event.extensions = (struct irsa_pairs){&extension, 1};
    assert_false(irsa_request_encode(arena, &request, "t", &record, &err));
    assert_code(err, TOO_LARGE);
}

/* Values for generated requests: some absent, some of each kind. */
static const char *maybe(uint64_t *seed, const char *const *choices, size_t count) {
    size_t choice = test_random(seed) % (count + 1);
    return choice == count ? NULL : choices[choice];
}

#define MAYBE(seed, ...)                                                                                               \
    maybe((seed), (const char *const[]){__VA_ARGS__}, sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))

static struct irsa_pairs some_pairs(uint64_t *seed) {
    static const struct irsa_pair pairs[] = {
        {"team", "payments"}, {"a/b", "x\"\\\n"}, {"ünï", "🚀\xc2\x80"}, {"~1~0/", ""}, {"", "empty key"}};
    uint64_t choice = test_random(seed) % 7;
    return choice == 6 ? (struct irsa_pairs){NULL, 0} : (struct irsa_pairs){pairs, choice};
}

static struct irsa_strings some_texts(uint64_t *seed) {
    static const char *const texts[] = {"arn:aws:iam::aws:policy/A", "", "ü\t"};
    uint64_t choice = test_random(seed) % 5;
    return choice == 4 ? (struct irsa_strings){NULL, 0} : (struct irsa_strings){texts, choice};
}

static struct irsa_request some_request(uint64_t *seed) {
    struct irsa_request request = {.action = (enum irsa_action)(test_random(seed) % IRSA_ACTION_COUNT)};
    uint64_t bits = test_random(seed);
    request.event = (struct irsa_event){.id = "e", .source = "s", .time_ms = IRSA_NO_TIME, .expiry_ms = IRSA_NO_TIME};
    request.cluster = (struct irsa_cluster_name){"c", "us-west-2", MAYBE(seed, "111122223333")};
    struct irsa_service_account *account = &request.service_account;
    account->name = "name";
    account->namespace_name = MAYBE(seed, "default", "apps");
    account->labels = some_pairs(seed);
    account->annotations = some_pairs(seed);
    account->attach_policy_arns = some_texts(seed);
    account->attach_policy = MAYBE(seed, "{}", "{\"a\":[1.50,-0,1E3,null,true,\"\\\"\"],\"b\":{\"c\":[]}}");
    account->has_well_known_policies = (bits & 1) != 0;
    account->well_known_policies = account->has_well_known_policies ? (uint32_t)(bits >> 8 & 0x7f) : 0;
    account->permissions_boundary = MAYBE(seed, "boundary");
    account->role_name = MAYBE(seed, "role", "another");
    account->role_only = (bits & 2) != 0;
    account->attach_role_arn = MAYBE(seed, "arn");
    account->tags = some_pairs(seed);
    account->subject_pattern = MAYBE(seed, "a-*");
    request.options = (struct irsa_options){.override_existing_service_accounts = (bits & 4) != 0,
                                            .with_oidc = (bits & 8) != 0,
                                            .dry_run = (bits & 16) != 0,
                                            .adopt = (bits & 32) != 0,
                                            .cluster_gone = (bits & 64) != 0,
                                            .expect_role_id = MAYBE(seed, "AROA"),
                                            .expect_uid = MAYBE(seed, "uid")};
    return request;
}

static void assert_pairs(const struct irsa_pairs *a, const struct irsa_pairs *b) {
    assert_int_equal(a->at == NULL, b->at == NULL);
    assert_int_equal(a->count, b->count);
    for (size_t i = 0; a->at != NULL && b->at != NULL && i < a->count; i++) {
        assert_string_equal(a->at[i].key, b->at[i].key);
        assert_string_equal(a->at[i].value, b->at[i].value);
    }
}

static void assert_text(const char *a, const char *b) {
    if (!irsa_text_equal(a, b))
        fail_msg("%s is not %s", a == NULL ? "NULL" : a, b == NULL ? "NULL" : b);
}

static void assert_account(const struct irsa_service_account *a, const struct irsa_service_account *b) {
    assert_text(a->name, b->name);
    assert_text(a->namespace_name, b->namespace_name);
    assert_pairs(&a->labels, &b->labels);
    assert_pairs(&a->annotations, &b->annotations);
    assert_int_equal(a->attach_policy_arns.at == NULL, b->attach_policy_arns.at == NULL);
    assert_int_equal(a->attach_policy_arns.count, b->attach_policy_arns.count);
    for (size_t i = 0; a->attach_policy_arns.at != NULL && i < a->attach_policy_arns.count; i++)
        assert_text(a->attach_policy_arns.at[i], b->attach_policy_arns.at[i]);
    assert_text(a->attach_policy, b->attach_policy);
    assert_int_equal(a->has_well_known_policies, b->has_well_known_policies);
    assert_int_equal(a->well_known_policies, b->well_known_policies);
    assert_text(a->permissions_boundary, b->permissions_boundary);
    assert_text(a->role_name, b->role_name);
    assert_int_equal(a->role_only, b->role_only);
    assert_text(a->attach_role_arn, b->attach_role_arn);
    assert_pairs(&a->tags, &b->tags);
    assert_text(a->subject_pattern, b->subject_pattern);
}

/* Member by member: the bytes between members are nobody's, and compilers leave in them what they like. */
static void assert_options(const struct irsa_options *a, const struct irsa_options *b) {
    assert_int_equal(a->override_existing_service_accounts, b->override_existing_service_accounts);
    assert_int_equal(a->with_oidc, b->with_oidc);
    assert_int_equal(a->dry_run, b->dry_run);
    assert_int_equal(a->adopt, b->adopt);
    assert_int_equal(a->cluster_gone, b->cluster_gone);
    assert_text(a->expect_role_id, b->expect_role_id);
    assert_text(a->expect_uid, b->expect_uid);
}

static void whatever_is_written_is_read_again_the_same(void **state) {
    (void)state;
    uint64_t seed = 20261124;
    for (int round = 0; round < 5000; round++) {
        struct irsa_request written = some_request(&seed), read = {0};
        struct irsa_record record;
        const struct irsa_json *data;
        assert_ok(irsa_request_encode(arena, &written, "t", &record, &err), err);
        const struct irsa_json_limits limits = {IRSA_REQUEST_MAX_BYTES, IRSA_JSON_MAX_DEPTH};
        assert_ok(irsa_json_parse(arena, record.value, record.value_length, limits, &data, &err), err);
        assert_ok(irsa_fields_decode(&irsa_request_fields, arena, data, "", &read, &err), err);
        assert_int_equal(read.action, written.action);
        assert_text(read.cluster.name, written.cluster.name);
        assert_text(read.cluster.region, written.cluster.region);
        assert_text(read.cluster.account_id, written.cluster.account_id);
        assert_account(&read.service_account, &written.service_account);
        assert_options(&read.options, &written.options);
        irsa_arena_clear(arena);
    }
}

#define DATA(action, rest) "{\"action\":\"" action "\",\"cluster\":{\"name\":\"c\",\"region\":\"us-west-2\"}" rest "}"

static void bare_data_gets_the_type_of_its_action(void **state) {
    (void)state;
    struct irsa_record record = bare(DATA("associate-oidc", ""));
    struct irsa_request request;
    assert_ok(irsa_request_decode(arena, &record, &request, &err), err);
    assert_string_equal(request.event.type, "dev.irsa.iamserviceaccount.associate-oidc.requested.v1");
    assert_string_equal(request.event.id, "irsa.requests-3-4711");
    assert_int_equal(request.action, IRSA_ACTION_ASSOCIATE_OIDC);
}

static bool decode_typed(const char *type, const char *json, struct irsa_request *request) {
    const struct irsa_header headers[] = {
        {"ce_specversion", "1.0", 3}, {"ce_id", "e1", 2}, {"ce_source", "urn:x", 5}, {"ce_type", type, strlen(type)}};
    struct irsa_record record = bare(json);
    record.headers = headers;
    record.header_count = COUNT_OF(headers);
    return irsa_request_decode(arena, &record, request, &err);
}

static void the_actions_of_type_and_data_must_agree(void **state) {
    (void)state;
    struct irsa_request request;
    for (int action = 0; action < IRSA_ACTION_COUNT; action++) {
        const char *type = irsa_request_type((enum irsa_action)action);
        bool is_fine = decode_typed(type, DATA("associate-oidc", ""), &request);
        assert_int_equal(is_fine, action == IRSA_ACTION_ASSOCIATE_OIDC);
        if (is_fine)
            continue;
        assert_code(err, SCHEMA);
        assert_string_equal(err.at, "/action");
        assert_string_equal(request.event.id, "e1");
        assert_null(request.cluster.name);
    }
    assert_false(decode_typed("dev.irsa.iamserviceaccount.create.requested.v2", DATA("create", ""), &request));
    assert_code(err, SCHEMA);
    assert_string_equal(err.at, "");
    assert_non_null(
        strstr(err.message, "type: \"dev.irsa.iamserviceaccount.create.requested.v2\" is no type of a request"));
    assert_non_null(strstr(err.message, "did you mean dev.irsa.iamserviceaccount.create.requested.v1?"));
    assert_false(decode_typed("com.example", "not JSON", &request));
    assert_code(err, SCHEMA);
    assert_string_equal(request.event.id, "e1");
    assert_false(decode_typed("dev.irsa.iamserviceaccount.create.requested.v1", NULL, &request));
    assert_code(err, SCHEMA);
    assert_non_null(strstr(err.message, "no value"));
}

static void after_a_broken_rule_the_request_is_filled_and_after_a_broken_form_it_is_not(void **state) {
    (void)state;
    struct irsa_request request;
    struct irsa_record record = bare(DATA("create", ",\"serviceAccount\":{\"metadata\":{\"name\":\"A\"}}"));
    assert_false(irsa_request_decode(arena, &record, &request, &err));
    assert_code(err, INVALID);
    assert_string_equal(request.service_account.name, "A");
    assert_string_equal(request.cluster.name, "c");
    assert_string_equal(request.event.id, "irsa.requests-3-4711");
    record = bare(DATA("delete", ",\"options\":{\"expect\":{}},\"serviceAccount\":{\"metadata\":{\"name\":\"a\"}}"));
    assert_false(irsa_request_decode(arena, &record, &request, &err));
    assert_code(err, INVALID);
    assert_int_equal(request.action, IRSA_ACTION_DELETE);
    assert_string_equal(request.service_account.name, "a");
    record = bare(DATA("create", ",\"serviceAccount\":{\"metadata\":{\"name\":\"a\"},\"x\":1}"));
    assert_false(irsa_request_decode(arena, &record, &request, &err));
    assert_code(err, SCHEMA);
    assert_null(request.service_account.name);
    assert_null(request.cluster.name);
    assert_string_equal(request.event.id, "irsa.requests-3-4711");
}

static void a_request_made_in_c_is_judged_by_the_same_rules(void **state) {
    (void)state;
    struct irsa_request request = a_request();
    assert_ok(irsa_request_validate(&request, &err), err);
    request.service_account.attach_policy =
        "{ \"Statement\": [ {\"Effect\": \"Allow\", \"Action\": \"s3:*\", \"Resource\": \"*\"} ] }";
    assert_ok(irsa_request_validate(&request, &err), err);
    struct irsa_request only_cluster = {.action = IRSA_ACTION_ASSOCIATE_OIDC, .cluster = request.cluster};
    assert_ok(irsa_request_validate(&only_cluster, &err), err);
}

static void what_c_can_do_wrong_is_invalid_at_its_place(void **state) {
    (void)state;
    static const char *const null_text[] = {NULL};
    static const struct irsa_pair null_value = {"a", NULL}, null_key = {NULL, "a"}, not_utf8 = {"a", "\xff"};
    struct {
        struct irsa_request request;
        const char *at;
    } cases[] = {
        {a_request(), "/cluster/name"},
        {a_request(), "/cluster/region"},
        {a_request(), "/serviceAccount/metadata/name"},
        {a_request(), "/serviceAccount/attachPolicyARNs/0"},
        {a_request(), "/serviceAccount/tags/a"},
        {a_request(), "/serviceAccount/metadata/labels"},
        {a_request(), "/serviceAccount/metadata/annotations/a"},
        {a_request(), "/serviceAccount/attachPolicy"},
        {a_request(), "/serviceAccount/attachPolicy"},
        {a_request(), "/serviceAccount/attachPolicy/Statement"},
        {a_request(), "/options/adopt"},
        {a_request(), "/action"},
        {{.action = IRSA_ACTION_CREATE, .cluster = {"c", "us-west-2", NULL}}, ""},
        {a_request(), ""},
        {a_request(), ""},
    };
    cases[0].request.cluster.name = NULL;
    cases[1].request.cluster.region = "mars";
    cases[2].request.service_account.name = NULL;
    cases[3].request.service_account.attach_policy_arns.at = null_text;
    cases[4].request.service_account.tags = (struct irsa_pairs){&null_value, 1};
    cases[5].request.service_account.labels = (struct irsa_pairs){&null_key, 1};
    cases[6].request.service_account.annotations = (struct irsa_pairs){&not_utf8, 1};
    cases[7].request.service_account.attach_policy = "{";
    cases[8].request.service_account.attach_policy = "[]";
    cases[9].request.service_account.attach_policy = "{\"Statement\": 7}";
    cases[10].request.action = IRSA_ACTION_DELETE;
    cases[10].request.options.adopt = true;
    cases[11].request.action = (enum irsa_action)99;
    cases[13].request.event.id = "a\n";
    cases[14].request.event.source = "a b";
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        if (irsa_request_validate(&cases[i].request, &err))
            fail_msg("case %zu is accepted", i);
        assert_code(err, INVALID);
        if (strcmp(err.at, cases[i].at) != 0)
            fail_msg("case %zu: %s, not %s (%s)", i, err.at, cases[i].at, err.message);
    }
}

static int set_up(void **state) {
    (void)state;
    arena = irsa_arena_new();
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    irsa_arena_free(arena);
    return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(keys_and_subjects_are_made_of_the_names),
        TEST(a_record_is_keyed_by_exactly_its_requests_key),
        TEST(replays_are_counted_by_a_header_that_may_be_anything),
        TEST(a_request_is_written_as_a_binary_event_under_its_key),
        TEST(a_request_over_256_kib_is_not_written),
        TEST(whatever_is_written_is_read_again_the_same),
        TEST(bare_data_gets_the_type_of_its_action),
        TEST(the_actions_of_type_and_data_must_agree),
        TEST(after_a_broken_rule_the_request_is_filled_and_after_a_broken_form_it_is_not),
        TEST(a_request_made_in_c_is_judged_by_the_same_rules),
        TEST(what_c_can_do_wrong_is_invalid_at_its_place),
    };
    return RUN_TESTS("requests");
}
