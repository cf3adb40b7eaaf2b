#include "core/contract/result.h"

#include "core/base/arena.h"
#include "core/contract/event.h"
#include "core/contract/ids.h"
#include "core/contract/request.h"
#include "tests/support/test.h"

static struct irsa_arena *arena;
static struct irsa_error err;

static const struct irsa_result_context context = {
    .results_topic = "irsa.results",
    .state_topic = "irsa.state",
    .dead_letters_topic = "irsa.dead-letters",
    .group_id = "irsa-workers",
};

#define SUBJECT "111122223333/us-west-2/cluster-13/apps/s3-reader"
#define KEY     "us-west-2/cluster-13/apps/s3-reader"

static const struct irsa_step steps[] = {{"create-role", "arn:aws:iam::111122223333:role/r", true, "req-1"},
                                         {"apply", "apps/s3-reader", false, NULL}};
static const struct irsa_call_count calls[] = {{"iam.CreateRole", 1}, {"kubernetes.apply", 2}};
static const char *const foreign[] = {"inline policy AWSRevokeOlderSessions"};
static const char *const notes[] = {"pods-need-restart"};

static struct irsa_result a_result(void) {
    return (struct irsa_result){
        .request_id = "e1",
        .request_source = "urn:x",
        .action = "create",
        .subject = SUBJECT,
        .topic = "irsa.requests",
        .partition = 3,
        .offset = 4711,
        .request_time_ms = 1795516500000,
        .correlation_id = "batch",
        .traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        .tracestate = "a=b",
        .replays = 2,
        .outcome = IRSA_OUTCOME_SUCCEEDED,
        .attempt = 1,
        .role_arn = "arn:aws:iam::111122223333:role/r",
        .role_id = "AROAEXAMPLEID12345678",
        .service_account_uid = "5d1c8f0e-7a4b-4c55-9a56-0f4f6d1c2b3a",
        .account_id = "111122223333",
        .issuer = "https://oidc.example/id/X",
        .steps = steps,
        .step_count = 2,
        .foreign = {foreign, 1},
        .notes = {notes, 1},
        .next_retry_ms = IRSA_NO_TIME,
        .started_ms = 1795516500012,
        .finished_ms = 1795516500411,
        .calls = calls,
        .call_count = 2,
        .sender = "ci",
        .worker = "w-0",
        .observed = IRSA_STATE_PRESENT,
    };
}

static const char *header(const struct irsa_record *record, const char *name) {
    return irsa_record_header_text(arena, record, name);
}

static struct irsa_record encode(const struct irsa_result *result) {
    struct irsa_record record;
    irsa_result_encode(arena, result, &context, KEY, strlen(KEY), &record);
    return record;
}

static void a_result_is_an_event_caused_by_its_request(void **state) {
    (void)state;
    struct irsa_result result = a_result();
    struct irsa_record record = encode(&result);
    char id[IRSA_UUID_BYTES];
    irsa_final_id("urn:x", "e1", 2, id);
    assert_string_equal(record.topic, "irsa.results");
    assert_string_equal(record.key, KEY);
    assert_string_equal(header(&record, "ce_id"), id);
    assert_string_equal(header(&record, "ce_source"), "urn:irsa:workers:irsa-workers");
    assert_string_equal(header(&record, "ce_type"), "dev.irsa.iamserviceaccount.succeeded.v1");
    assert_string_equal(header(&record, "ce_subject"), SUBJECT);
    assert_string_equal(header(&record, "ce_time"), "2026-11-24T10:35:00.411Z");
    assert_string_equal(header(&record, "ce_causationid"), "e1");
    assert_string_equal(header(&record, "ce_correlationid"), "batch");
    assert_string_equal(header(&record, "ce_partitionkey"), KEY);
    assert_string_equal(header(&record, "traceparent"), result.traceparent);
    assert_string_equal(header(&record, "tracestate"), "a=b");
    assert_string_equal(
        record.value,
        "{\"request\":{\"id\":\"e1\",\"source\":\"urn:x\",\"action\":\"create\",\"subject\":\"" SUBJECT
        "\",\"topic\":\"irsa.requests\",\"partition\":3,\"offset\":4711,\"time\":\"2026-11-24T10:35:00.000Z\"},"
        "\"outcome\":\"succeeded\",\"attempt\":1,\"roleARN\":\"arn:aws:iam::111122223333:role/r\","
        "\"roleID\":\"AROAEXAMPLEID12345678\",\"serviceAccountUID\":\"5d1c8f0e-7a4b-4c55-9a56-0f4f6d1c2b3a\","
        "\"accountID\":\"111122223333\",\"issuer\":\"https://oidc.example/id/X\","
        "\"startedTime\":\"2026-11-24T10:35:00.012Z\",\"finishedTime\":\"2026-11-24T10:35:00.411Z\",\"sender\":\"ci\","
        "\"worker\":\"w-0\",\"steps\":[{\"name\":\"create-role\",\"target\":\"arn:aws:iam::111122223333:role/r\","
        "\"changed\":true,\"awsRequestID\":\"req-1\"},{\"name\":\"apply\",\"target\":\"apps/s3-reader\","
        "\"changed\":false}],\"foreign\":[\"inline policy AWSRevokeOlderSessions\"],\"notes\":[\"pods-need-restart\"],"
        "\"calls\":{\"iam.CreateRole\":1,\"kubernetes.apply\":2}}");
}

static void a_result_is_read_as_it_was_written(void **state) {
    (void)state;
    struct irsa_result written = a_result(), read;
    written.outcome = IRSA_OUTCOME_RETRYING;
    written.next_retry_ms = 1795516600000;
    written.is_misplaced = true;
    irsa_error_set(&written.error, IRSA_CODE_THROTTLED, "slow down");
    irsa_error_from(&written.error, "iam", "Throttling");
    struct irsa_record record = encode(&written);
    assert_ok(irsa_result_decode(arena, &record, &read, &err), err);
    assert_string_equal(read.request_id, "e1");
    assert_string_equal(read.request_source, "urn:x");
    assert_string_equal(read.action, "create");
    assert_string_equal(read.subject, SUBJECT);
    assert_string_equal(read.topic, "irsa.requests");
    assert_int_equal(read.partition, 3);
    assert_int_equal(read.offset, 4711);
    assert_int_equal(read.request_time_ms, written.request_time_ms);
    assert_string_equal(read.correlation_id, "batch");
    assert_string_equal(read.traceparent, written.traceparent);
    assert_string_equal(read.tracestate, "a=b");
    assert_int_equal(read.outcome, IRSA_OUTCOME_RETRYING);
    assert_int_equal(read.attempt, 1);
    assert_string_equal(read.role_arn, written.role_arn);
    assert_string_equal(read.role_id, written.role_id);
    assert_string_equal(read.service_account_uid, written.service_account_uid);
    assert_string_equal(read.account_id, written.account_id);
    assert_string_equal(read.issuer, written.issuer);
    assert_int_equal(read.step_count, 2);
    assert_string_equal(read.steps[0].name, "create-role");
    assert_string_equal(read.steps[0].target, steps[0].target);
    assert_true(read.steps[0].changed);
    assert_string_equal(read.steps[0].aws_request_id, "req-1");
    assert_false(read.steps[1].changed);
    assert_null(read.steps[1].aws_request_id);
    assert_int_equal(read.steps_omitted, 0);
    assert_string_equal(read.foreign.at[0], foreign[0]);
    assert_string_equal(read.notes.at[0], notes[0]);
    assert_int_equal(read.error.code, IRSA_CODE_THROTTLED);
    assert_string_equal(read.error.message, "slow down");
    assert_string_equal(read.error.service, "iam");
    assert_string_equal(read.error.upstream, "Throttling");
    assert_int_equal(read.next_retry_ms, written.next_retry_ms);
    assert_int_equal(read.started_ms, written.started_ms);
    assert_int_equal(read.finished_ms, written.finished_ms);
    assert_int_equal(read.call_count, 2);
    assert_string_equal(read.calls[1].name, "kubernetes.apply");
    assert_int_equal(read.calls[1].count, 2);
    assert_string_equal(read.sender, "ci");
    assert_string_equal(read.worker, "w-0");
    assert_true(read.is_misplaced);
}

static void a_final_id_is_the_same_whatever_the_outcome_and_a_retrying_one_is_not(void **state) {
    (void)state;
    char final[IRSA_UUID_BYTES], retrying[IRSA_UUID_BYTES];
    irsa_final_id("urn:x", "e1", 2, final);
    struct irsa_result result = a_result();
    result.attempt = 4;
    irsa_retrying_id("urn:x", "e1", 2, 4, retrying);
    for (int outcome = 0; outcome < IRSA_OUTCOME_COUNT; outcome++) {
        result.outcome = (enum irsa_outcome)outcome;
        struct irsa_record record = encode(&result);
        assert_string_equal(header(&record, "ce_id"), outcome == IRSA_OUTCOME_RETRYING ? retrying : final);
    }
}

static void outcomes_are_final_or_not_and_have_records_as_the_table_says(void **state) {
    (void)state;
    static const struct {
        const char *name;
        enum irsa_outcome outcome;
        bool is_final, has_dead_letter, has_state;
    } rows[] = {
        {"succeeded", IRSA_OUTCOME_SUCCEEDED, true, false, true},
        {"unchanged", IRSA_OUTCOME_UNCHANGED, true, false, true},
        {"failed", IRSA_OUTCOME_FAILED, true, true, true},
        {"denied", IRSA_OUTCOME_DENIED, true, true, false},
        {"planned", IRSA_OUTCOME_PLANNED, true, false, false},
        {"expired", IRSA_OUTCOME_EXPIRED, true, false, false},
        {"cancelled", IRSA_OUTCOME_CANCELLED, true, false, false},
        {"superseded", IRSA_OUTCOME_SUPERSEDED, true, false, false},
        {"retrying", IRSA_OUTCOME_RETRYING, false, false, false},
    };
    assert_int_equal(COUNT_OF(rows), IRSA_OUTCOME_COUNT);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        enum irsa_outcome found = IRSA_OUTCOME_COUNT;
        assert_string_equal(irsa_outcome_name(rows[i].outcome), rows[i].name);
        assert_true(irsa_outcome_find(rows[i].name, &found));
        assert_int_equal(found, rows[i].outcome);
        assert_int_equal(irsa_outcome_is_final(rows[i].outcome), rows[i].is_final);
        assert_int_equal(irsa_outcome_has_dead_letter(rows[i].outcome), rows[i].has_dead_letter);
        assert_int_equal(irsa_outcome_has_state(rows[i].outcome), rows[i].has_state);
    }
    enum irsa_outcome found;
    assert_false(irsa_outcome_find("won", &found));
}

static void an_error_says_whether_another_time_may_do(void **state) {
    (void)state;
    static const struct {
        enum irsa_code code;
        const char *json;
    } cases[] = {
        {IRSA_CODE_QUOTA, "\"error\":{\"code\":\"quota\",\"message\":\"m\",\"retryable\":false}"},
        {IRSA_CODE_TIMEOUT, "\"error\":{\"code\":\"timeout\",\"message\":\"m\",\"retryable\":true}"},
        {IRSA_CODE_CREDENTIALS, "\"error\":{\"code\":\"credentials\",\"message\":\"m\",\"retryable\":false}"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct irsa_result result = a_result();
        result.outcome = IRSA_OUTCOME_FAILED;
        irsa_error_set(&result.error, cases[i].code, "m");
        struct irsa_record record = encode(&result);
        assert_non_null(strstr(record.value, cases[i].json));
    }
    struct irsa_result result = a_result();
    result.error.code = IRSA_CODE_INTERNAL;
    struct irsa_record record = encode(&result);
    assert_non_null(strstr(record.value, "\"message\":\"a fault of this program\""));
}

static void a_result_of_what_could_not_be_read_has_no_subject_and_the_records_key(void **state) {
    (void)state;
    struct irsa_result result = a_result();
    result.subject = result.action = NULL;
    struct irsa_record record;
    irsa_result_encode(arena, &result, &context, NULL, 0, &record);
    assert_null(record.key);
    assert_null(header(&record, "ce_subject"));
    assert_null(header(&record, "ce_partitionkey"));
    irsa_result_encode(arena, &result, &context, "\xff\x00", 2, &record);
    assert_int_equal(record.key_length, 2);
    assert_null(header(&record, "ce_partitionkey"));
    irsa_result_encode(arena, &result, &context, "a\nb", 3, &record);
    assert_null(header(&record, "ce_partitionkey"));
}

static void a_subject_of_names_that_break_the_rules_is_not_told(void **state) {
    (void)state;
    static const char *const subjects[] = {"-/us-west-2/c/default/a\nb",
                                           "-/us-west-2/c/default/",
                                           "-/us-west-2//default/a",
                                           "x/us-west-2/c",
                                           "-/us-west-2/c/default",
                                           "-/us-west-2",
                                           ""};
    for (size_t i = 0; i < COUNT_OF(subjects); i++) {
        struct irsa_result result = a_result(), read;
        result.subject = subjects[i];
        struct irsa_record record = encode(&result);
        assert_null(header(&record, "ce_subject"));
        assert_ok(irsa_result_decode(arena, &record, &read, &err), err);
        assert_null(read.subject);
    }
    static const char *const fine[] = {"-/us-west-2/c", "-/us-west-2/c/default/a.b",
                                       "111122223333/us-west-2/C_1/apps/a"};
    for (size_t i = 0; i < COUNT_OF(fine); i++) {
        struct irsa_result result = a_result();
        result.subject = fine[i];
        struct irsa_record record = encode(&result);
        assert_string_equal(header(&record, "ce_subject"), fine[i]);
    }
}

static char *long_text(char c, size_t length) {
    char *text = irsa_arena_alloc(arena, length + 1);
    memset(text, c, length);
    return text;
}

static void a_result_is_never_larger_than_64_kib(void **state) {
    (void)state;
    static const char fill[] = {'x', '"', '\x01', '\xff'};
    for (size_t f = 0; f < sizeof fill; f++) {
        struct irsa_result result = a_result(), read;
        struct irsa_step *many = IRSA_NEW_ARRAY(arena, struct irsa_step, 1000);
        const char **texts = IRSA_NEW_ARRAY(arena, const char *, 1000);
        struct irsa_call_count *counts = IRSA_NEW_ARRAY(arena, struct irsa_call_count, 1000);
        for (size_t i = 0; i < 1000; i++) {
            many[i] = (struct irsa_step){"attach-policy", long_text(fill[f], 3000), true, "request"};
            texts[i] = long_text(fill[f], 1000);
            counts[i] = (struct irsa_call_count){irsa_arena_format(arena, "iam.Action%zu", i), 1};
        }
        result.steps = many;
        result.step_count = 1000;
        result.foreign = result.notes = (struct irsa_strings){texts, 1000};
        result.calls = counts;
        result.call_count = 1000;
        result.role_arn = result.issuer = result.worker = result.sender = long_text(fill[f], 9000);
        memset(result.error.message, fill[f], sizeof result.error.message - 1);
        result.error.code = IRSA_CODE_INTERNAL;
        struct irsa_record record = encode(&result);
        assert_in_range(record.value_length, 1, IRSA_RESULT_MAX_BYTES);
        assert_ok(irsa_result_decode(arena, &record, &read, &err), err);
        assert_int_equal(read.step_count + read.steps_omitted, 1000);
        assert_int_equal(read.error.code, IRSA_CODE_INTERNAL);
        irsa_arena_clear(arena);
    }
}

static void what_is_too_long_is_cut_between_characters(void **state) {
    (void)state;
    struct irsa_result result = a_result(), read;
    struct irsa_text arn, target;
    irsa_text_init(&arn, arena, SIZE_MAX);
    irsa_text_init(&target, arena, SIZE_MAX);
    for (int i = 0; i < 1500; i++)
        irsa_text_add(&arn, "ü");
    irsa_text_add(&target, "x");
    for (int i = 0; i < 300; i++)
        irsa_text_add(&target, "ü");
    const struct irsa_step step = {"s", target.at, true, NULL};
    result.steps = &step;
    result.step_count = 1;
    result.role_arn = arn.at;
    struct irsa_record record = encode(&result);
    assert_ok(irsa_result_decode(arena, &record, &read, &err), err);
    assert_int_equal(strlen(read.role_arn), 2047); /* 1,022 characters of two bytes, and the mark of three */
    assert_memory_equal(read.role_arn, arn.at, 2044);
    assert_string_equal(read.role_arn + 2044, "…");
    assert_int_equal(strlen(read.steps[0].target), 512);
    assert_memory_equal(read.steps[0].target, target.at, 509);
    assert_string_equal(read.steps[0].target + 509, "…");
}

static void of_many_steps_200_are_listed_and_the_others_counted(void **state) {
    (void)state;
    struct irsa_result result = a_result(), read;
    struct irsa_step *many = IRSA_NEW_ARRAY(arena, struct irsa_step, 203);
    for (size_t i = 0; i < 203; i++)
        many[i] = (struct irsa_step){"detach-policy", irsa_arena_format(arena, "p%zu", i), true, NULL};
    result.steps = many;
    for (size_t count = 200; count <= 203; count++) {
        result.step_count = count;
        struct irsa_record record = encode(&result);
        assert_ok(irsa_result_decode(arena, &record, &read, &err), err);
        assert_int_equal(read.step_count, 200);
        assert_int_equal(read.steps_omitted, count - 200);
        assert_string_equal(read.steps[199].target, "p199");
    }
}

static bool decode(const char *json, struct irsa_result *result) {
    const struct irsa_record record = {.topic = "irsa.results", .value = json, .value_length = strlen(json)};
    return irsa_result_decode(arena, &record, result, &err);
}

#define REQUEST "\"request\":{\"id\":\"e\",\"source\":\"s\",\"topic\":\"t\",\"partition\":0,\"offset\":0}"

static void readers_of_results_pass_over_what_they_do_not_know(void **state) {
    (void)state;
    struct irsa_result result;
    assert_ok(decode("{" REQUEST
                     ",\"outcome\":\"failed\",\"novelty\":[{}],\"error\":{\"code\":\"of-the-future\",\"new\":1},"
                     "\"steps\":[{},7],\"calls\":{\"a.B\":\"x\",\"a.C\":2},\"notes\":[1,\"n\"]}",
                     &result),
              err);
    assert_int_equal(result.error.code, IRSA_CODE_INTERNAL);
    assert_int_equal(result.step_count, 2);
    assert_string_equal(result.steps[0].name, "");
    assert_int_equal(result.call_count, 1);
    assert_int_equal(result.notes.count, 1);
    assert_int_equal(result.started_ms, IRSA_NO_TIME);
    assert_int_equal(result.observed, IRSA_STATE_UNKNOWN);
}

static void what_is_no_result_is_refused_at_its_place(void **state) {
    (void)state;
    static const struct {
        const char *json, *at;
    } cases[] = {
        {"7", ""},
        {"{}", ""},
        {"{" REQUEST "}", ""},
        {"{" REQUEST ",\"outcome\":\"won\"}", "/outcome"},
        {"{" REQUEST ",\"outcome\":\"failed\",\"attempt\":-1}", "/attempt"},
        {"{" REQUEST ",\"outcome\":\"failed\",\"startedTime\":\"now\"}", "/startedTime"},
        {"{" REQUEST ",\"outcome\":\"failed\",\"roleARN\":7}", "/roleARN"},
        {"{\"request\":{\"id\":\"e\"},\"outcome\":\"failed\"}", ""},
        {"{\"request\":{\"id\":7},\"outcome\":\"failed\"}", "/request/id"},
        {"{\"request\":{\"id\":\"e\",\"partition\":1.5}}", "/request/partition"},
        {"{\"request\":{\"id\":\"e\",\"partition\":2147483648}}", "/request/partition"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct irsa_result result;
        if (decode(cases[i].json, &result))
            fail_msg("%s is read", cases[i].json);
        assert_code(err, SCHEMA);
        assert_string_equal(err.at, cases[i].at);
    }
}

static struct irsa_request a_request(enum irsa_action action) {
    return (struct irsa_request){.action = action,
                                 .cluster = {"cluster-13", "us-west-2", NULL},
                                 .service_account = {.name = "s3-reader", .role_name = "r"},
                                 .options = {.with_oidc = true}};
}

static void state_is_keyed_by_the_subject_and_has_what_was_applied(void **state) {
    (void)state;
    struct irsa_result result = a_result(), read;
    struct irsa_request request = a_request(IRSA_ACTION_CREATE);
    struct irsa_record record;
    irsa_state_encode(arena, &result, &request, &context, &record);
    assert_string_equal(record.topic, "irsa.state");
    assert_int_equal(record.key_length, strlen(SUBJECT));
    assert_memory_equal(record.key, SUBJECT, strlen(SUBJECT));
    static const char tail[] =
        "\"spec\":{\"serviceAccount\":{\"metadata\":{\"name\":\"s3-reader\",\"namespace\":\"default\"},"
        "\"roleName\":\"r\"},\"options\":{\"withOIDC\":true}},\"observed\":\"present\"}";
    assert_non_null(strstr(record.value, tail));
    assert_ok(irsa_result_decode(arena, &record, &read, &err), err);
    assert_int_equal(read.observed, IRSA_STATE_PRESENT);
    request = a_request(IRSA_ACTION_ASSOCIATE_OIDC);
    request.options.with_oidc = false;
    irsa_state_encode(arena, &result, &request, &context, &record);
    assert_non_null(strstr(record.value, "\"spec\":{},\"observed\""));
}

static void a_delete_that_left_nothing_is_a_tombstone(void **state) {
    (void)state;
    static const struct {
        enum irsa_action action;
        enum irsa_outcome outcome;
        enum irsa_observed_state observed;
        bool is_tombstone;
    } cases[] = {
        {IRSA_ACTION_DELETE, IRSA_OUTCOME_SUCCEEDED, IRSA_STATE_ABSENT, true},
        {IRSA_ACTION_DELETE, IRSA_OUTCOME_UNCHANGED, IRSA_STATE_ABSENT, true},
        {IRSA_ACTION_DELETE, IRSA_OUTCOME_UNCHANGED, IRSA_STATE_UNKNOWN, true},
        {IRSA_ACTION_DELETE, IRSA_OUTCOME_SUCCEEDED, IRSA_STATE_PRESENT, false},
        {IRSA_ACTION_DELETE, IRSA_OUTCOME_FAILED, IRSA_STATE_ABSENT, false},
        {IRSA_ACTION_CREATE, IRSA_OUTCOME_SUCCEEDED, IRSA_STATE_ABSENT, false},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct irsa_result result = a_result();
        struct irsa_request request = a_request(cases[i].action);
        struct irsa_record record;
        result.outcome = cases[i].outcome;
        result.observed = cases[i].observed;
        irsa_state_encode(arena, &result, &request, &context, &record);
        assert_int_equal(record.value == NULL, cases[i].is_tombstone);
        assert_memory_equal(record.key, SUBJECT, strlen(SUBJECT));
        assert_non_null(header(&record, "ce_id"));
    }
}

static void state_of_the_largest_request_is_whole(void **state) {
    (void)state;
    struct irsa_result result = a_result(), read;
    struct irsa_request request = a_request(IRSA_ACTION_CREATE);
    const struct irsa_pair note = {"example.com/note", long_text('"', IRSA_REQUEST_MAX_BYTES / 2 - 300)};
    struct irsa_record record;
    request.service_account.annotations = (struct irsa_pairs){&note, 1};
    assert_ok(irsa_request_encode(arena, &request, "t", &record, &err), err);
    irsa_state_encode(arena, &result, &request, &context, &record);
    assert_ok(irsa_result_decode(arena, &record, &read, &err), err);
    assert_int_equal(read.observed, IRSA_STATE_PRESENT);
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
        TEST(a_result_is_an_event_caused_by_its_request),
        TEST(a_result_is_read_as_it_was_written),
        TEST(a_final_id_is_the_same_whatever_the_outcome_and_a_retrying_one_is_not),
        TEST(outcomes_are_final_or_not_and_have_records_as_the_table_says),
        TEST(an_error_says_whether_another_time_may_do),
        TEST(a_result_of_what_could_not_be_read_has_no_subject_and_the_records_key),
        TEST(a_subject_of_names_that_break_the_rules_is_not_told),
        TEST(a_result_is_never_larger_than_64_kib),
        TEST(what_is_too_long_is_cut_between_characters),
        TEST(of_many_steps_200_are_listed_and_the_others_counted),
        TEST(readers_of_results_pass_over_what_they_do_not_know),
        TEST(what_is_no_result_is_refused_at_its_place),
        TEST(state_is_keyed_by_the_subject_and_has_what_was_applied),
        TEST(a_delete_that_left_nothing_is_a_tombstone),
        TEST(state_of_the_largest_request_is_whole),
    };
    return RUN_TESTS("results and state");
}
