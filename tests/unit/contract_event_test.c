#include "core/contract/event.h"

#include "core/base/arena.h"
#include "core/base/clock.h"
#include "tests/support/test.h"

static struct irsa_arena *arena;
static struct irsa_error err;
static struct irsa_event event;

#define TRACE_4 "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
#define TRACE_5 "00-5bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
#define TRACE_6 "00-6bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

/* A record with headers "name" "value" … ended by NULL. A value "\1" stands for none. */
static struct irsa_record record_of(const char *value, const char *const *headers) {
    struct irsa_record record = {
        .topic = "irsa.requests", .partition = 3, .offset = 4711, .timestamp_ms = 1764000000123};
    record.value = value;
    record.value_length = value == NULL ? 0 : strlen(value);
    struct irsa_header *at = IRSA_NEW_ARRAY(arena, struct irsa_header, 80);
    for (; headers != NULL && headers[0] != NULL; headers += 2) {
        bool is_null = headers[1][0] == '\1';
        at[record.header_count++] = (struct irsa_header){
            .name = headers[0], .value = is_null ? NULL : headers[1], .length = is_null ? 0 : strlen(headers[1])};
    }
    record.headers = at;
    return record;
}

static bool decode(const char *value, const char *const *headers) {
    struct irsa_record record = record_of(value, headers);
    return irsa_event_decode(arena, &record, &event, &err);
}

#define HEADERS(...) ((const char *const[]){__VA_ARGS__, NULL})
#define EVENT        "ce_specversion", "1.0", "ce_id", "e1", "ce_source", "urn:x", "ce_type", "t"

static void bare_data_is_called_by_the_coordinates_of_its_record(void **state) {
    (void)state;
    assert_ok(decode("{\"a\":1}", NULL), err);
    assert_string_equal(event.id, "irsa.requests-3-4711");
    assert_string_equal(event.source, "urn:irsa:kafka:irsa.requests");
    assert_int_equal(event.time_ms, 1764000000123);
    assert_int_equal(event.expiry_ms, IRSA_NO_TIME);
    assert_null(event.type);
    assert_non_null(irsa_json_get(event.data, "a"));
    assert_ok(decode("{\"a\":1}", HEADERS("content-type", "application/json; charset=utf-8", "x-team", "a")), err);
    assert_string_equal(event.id, "irsa.requests-3-4711");
}

static void bare_data_may_be_missing(void **state) {
    (void)state;
    assert_ok(decode(NULL, NULL), err);
    assert_null(event.data);
    assert_string_equal(event.id, "irsa.requests-3-4711");
}

static void binary_mode_has_its_attributes_in_headers(void **state) {
    (void)state;
    assert_ok(decode("{\"a\":1}",
                     HEADERS(EVENT, "content-type", "application/json", "ce_subject", "s", "ce_time",
                             "2026-11-24T11:35:00.5+01:00", "ce_expirytime", "2026-11-24T12:00:00Z", "ce_correlationid",
                             "batch", "ce_causationid", "cause", "ce_partitionkey", "key", "ce_ticket", "OPS-1")),
              err);
    assert_string_equal(event.id, "e1");
    assert_string_equal(event.source, "urn:x");
    assert_string_equal(event.type, "t");
    assert_string_equal(event.subject, "s");
    assert_int_equal(event.time_ms, 1795516500500);
    assert_int_equal(event.expiry_ms, 1795521600000);
    assert_string_equal(event.correlation_id, "batch");
    assert_string_equal(event.causation_id, "cause");
    assert_string_equal(event.partition_key, "key");
    assert_int_equal(event.extensions.count, 1);
    assert_string_equal(event.extensions.at[0].key, "ticket");
    assert_string_equal(event.extensions.at[0].value, "OPS-1");
    assert_non_null(irsa_json_get(event.data, "a"));
}

static void an_event_without_time_has_none(void **state) {
    (void)state;
    assert_ok(decode("{}", HEADERS(EVENT)), err);
    assert_int_equal(event.time_ms, IRSA_NO_TIME);
    assert_ok(decode(NULL, HEADERS(EVENT)), err);
    assert_null(event.data);
}

static void structured_mode_has_everything_in_the_value(void **state) {
    (void)state;
    static const char value[] =
        "{\"specversion\":\"1.0\",\"id\":\"e1\",\"source\":\"urn:x\",\"type\":\"t\",\"time\":\"2026-11-24T10:35:00Z\","
        "\"datacontenttype\":\"application/json\",\"ticket\":7,\"urgent\":true,\"subject\":null,\"data\":{\"a\":1}}";
    const char *const *const ways[] = {
        NULL,
        HEADERS("x-team", "a", "traceparent", "garbage"),
        HEADERS("content-type", "application/cloudevents+json"),
        HEADERS("content-type", "Application/CloudEvents+JSON; charset=UTF-8"),
        HEADERS("content-type", "application/cloudevents", "ce_id", "another"),
    };
    for (size_t i = 0; i < COUNT_OF(ways); i++) {
        assert_ok(decode(value, ways[i]), err);
        assert_string_equal(event.id, "e1");
        assert_int_equal(event.time_ms, 1795516500000);
        assert_null(event.subject);
        assert_int_equal(event.extensions.count, 2);
        assert_string_equal(event.extensions.at[0].value, "7");
        assert_string_equal(event.extensions.at[1].value, "true");
        assert_non_null(irsa_json_get(event.data, "a"));
    }
}

static void with_a_content_type_or_attributes_an_object_with_specversion_is_data(void **state) {
    (void)state;
    assert_ok(decode("{\"specversion\":\"9\"}", HEADERS("content-type", "application/json")), err);
    assert_string_equal(event.id, "irsa.requests-3-4711");
    assert_ok(decode("{\"specversion\":\"9\"}", HEADERS(EVENT)), err);
    assert_string_equal(event.id, "e1");
}

static void some_attributes_without_the_four_that_are_needed_are_refused(void **state) {
    (void)state;
    static const char *const missing[][7] = {
        {"ce_id", "e1", "ce_source", "urn:x", "ce_type", "t", NULL},
        {"ce_specversion", "1.0", "ce_source", "urn:x", "ce_type", "t", NULL},
        {"ce_specversion", "1.0", "ce_id", "e1", "ce_type", "t", NULL},
        {"ce_specversion", "1.0", "ce_id", "e1", "ce_source", "urn:x", NULL},
        {"ce_ticket", "1", NULL},
    };
    for (size_t i = 0; i < COUNT_OF(missing); i++) {
        assert_false(decode("{}", missing[i]));
        assert_code(err, SCHEMA);
        assert_non_null(strstr(err.message, "is missing among the headers"));
    }
}

static void of_a_repeated_header_the_last_counts(void **state) {
    (void)state;
    assert_ok(decode("{}", HEADERS("ce_id", "\x01", "ce_time", "yesterday", EVENT, "ce_id", "e2", "ce_time",
                                   "2026-11-24T10:35:00Z", "ce_ticket", "1", "ce_other", "x", "ce_ticket", "2")),
              err);
    assert_string_equal(event.id, "e2");
    assert_int_equal(event.extensions.count, 2);
    assert_string_equal(event.extensions.at[0].value, "2");
    struct irsa_record record = record_of("{}", HEADERS("a", "1", "b", "2", "a", "3"));
    assert_string_equal(irsa_record_header_text(arena, &record, "a"), "3");
    assert_null(irsa_record_header(&record, "c"));
    assert_null(irsa_record_header_text(arena, &record, "A"));
}

static void the_plain_header_of_the_trace_wins_and_a_malformed_trace_is_dropped(void **state) {
    (void)state;
    assert_ok(decode("{}", HEADERS(EVENT, "traceparent", TRACE_4, "ce_traceparent", TRACE_5, "ce_tracestate", "a=b")),
              err);
    assert_string_equal(event.traceparent, TRACE_4);
    assert_string_equal(event.tracestate, "a=b");
    assert_ok(decode("{}", HEADERS(EVENT, "ce_traceparent", TRACE_5)), err);
    assert_string_equal(event.traceparent, TRACE_5);
    assert_ok(decode("{}", HEADERS("traceparent", TRACE_6, "tracestate", "c=d")), err);
    assert_string_equal(event.traceparent, TRACE_6);
    assert_string_equal(event.tracestate, "c=d");
    static const char *const broken[] = {
        "",
        "x",
        "00-4bf92f",
        "00-4BF92F3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-010",
        "\x01",
        "\xff",
    };
    for (size_t i = 0; i < COUNT_OF(broken); i++) {
        assert_ok(decode("{}", HEADERS(EVENT, "ce_traceparent", broken[i])), err);
        assert_null(event.traceparent);
        assert_ok(decode("{}", HEADERS(EVENT, "traceparent", broken[i], "ce_tracestate", "\n")), err);
        assert_null(event.traceparent);
        assert_null(event.tracestate);
    }
}

static void attributes_of_the_wrong_form_are_refused_by_name(void **state) {
    (void)state;
    static const struct {
        const char *name, *value, *words;
    } cases[] = {
        {"ce_specversion", "0.3", "\"0.3\" is no version of CloudEvents"},
        {"ce_id", "", "must be text of 1 to 256 characters"},
        {"ce_id", "a\nb", "control characters"},
        {"ce_id", "\xff", "ce_id is no text"},
        {"ce_id", "\x01", "ce_id is no text"},
        {"ce_source", "a b", "must be a URI reference"},
        {"ce_time", "2026-11-24", "ce_time: "},
        {"ce_time", "2026-02-30T00:00:00Z", "ce_time: "},
        {"ce_expirytime", "PT5M", "ce_expirytime: "},
        {"ce_correlationid", "", "ce_correlationid: "},
        {"ce_correlationId", "x", "ce_correlationId is no attribute"},
        {"ce_", "x", "is no attribute"},
        {"ce_data", "x", "is no attribute"},
        {"ce_ticket", "\xff", "ce_ticket is no text"},
        {"content-type", "text/xml", "\"text/xml\" is not read here"},
        {"content-type", "json", "is not read here"},
        {"ce_datacontenttype", "application/avro", "is not read here"},
        {"content-type", "application/cloudevents-batch+json", "structured events are application/cloudevents+json"},
        {"content-type", "application/cloudevents+avro", "structured events are application/cloudevents+json"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_false(decode("{}", HEADERS(EVENT, cases[i].name, cases[i].value)));
        assert_code(err, SCHEMA);
        if (strstr(err.message, cases[i].words) == NULL)
            fail_msg("%s %s: %s", cases[i].name, cases[i].value, err.message);
    }
}

static void json_goes_by_many_names(void **state) {
    (void)state;
    static const char *const types[] = {"application/json", "APPLICATION/JSON ; charset=utf-8", "text/json",
                                        "application/vnd.x+json", "application/json;v=1"};
    for (size_t i = 0; i < COUNT_OF(types); i++)
        assert_ok(decode("{}", HEADERS(EVENT, "content-type", types[i])), err);
}

static void structured_events_of_the_wrong_form_are_refused_at_their_place(void **state) {
    (void)state;
#define STRUCTURED(rest) "{\"specversion\":\"1.0\",\"id\":\"e\",\"source\":\"s\",\"type\":\"t\"" rest "}"
    static const struct {
        const char *value, *at, *words;
    } cases[] = {
        {"[1]", "", "must be an object"},
        {"{\"id\":\"e\",\"source\":\"s\",\"type\":\"t\",\"data\":{}}", "", "specversion is missing"},
        {"{\"specversion\":\"1.0\",\"source\":\"s\",\"type\":\"t\",\"data\":{}}", "", "id is missing"},
        {STRUCTURED(""), "", "data is missing"},
        {STRUCTURED(",\"data_base64\":\"e30=\""), "/data_base64", "put the JSON into data"},
        {STRUCTURED(",\"data\":{},\"partition_key\":\"x\""), "/partition_key", "is no attribute"},
        {STRUCTURED(",\"data\":{},\"ticket\":[]"), "/ticket", "must be a string"},
        {STRUCTURED(",\"data\":{},\"subject\":7"), "/subject", "must be a string"},
        {STRUCTURED(",\"data\":{},\"time\":\"now\""), "/time", "time: "},
        {STRUCTURED(",\"data\":{},\"datacontenttype\":\"text/plain\""), "/datacontenttype", "is not read here"},
        {STRUCTURED(",\"data\":{},\"id\":\"f\""), "/id", "repeated"},
        {"{\"specversion\":\"1.1\",\"id\":\"e\"}", "/specversion", "no version"},
        {"{", "", "line 1, column 2: the document ends where"},
        {"{\"id\":\"e\",\n \"id\":\"f\"}", "/id", "line 2, column 2: the key \"id\" is repeated"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_false(decode(cases[i].value, HEADERS("content-type", "application/cloudevents+json")));
        assert_code(err, SCHEMA);
        assert_string_equal(err.at, cases[i].at);
        if (strstr(err.message, cases[i].words) == NULL)
            fail_msg("%s: %s", cases[i].value, err.message);
    }
    assert_false(decode(NULL, HEADERS("content-type", "application/cloudevents+json")));
    assert_code(err, SCHEMA);
}

static void an_event_that_cannot_be_read_keeps_the_identity_that_it_has(void **state) {
    (void)state;
    assert_false(decode("garbage", HEADERS(EVENT, "traceparent", TRACE_4)));
    assert_string_equal(event.id, "e1");
    assert_string_equal(event.source, "urn:x");
    assert_string_equal(event.traceparent, TRACE_4);
    assert_null(event.data);
    assert_false(decode("{}", HEADERS(EVENT, "ce_time", "?")));
    assert_string_equal(event.id, "e1");
    assert_false(decode("{}", HEADERS("ce_id", "e1", "ce_type", "t")));
    assert_string_equal(event.id, "irsa.requests-3-4711");
    assert_string_equal(event.source, "urn:irsa:kafka:irsa.requests");
    assert_false(decode("garbage", NULL));
    assert_string_equal(event.id, "irsa.requests-3-4711");
    assert_false(
        decode("{\"specversion\":\"1.0\",\"id\":\"e9\",\"source\":\"s\",\"type\":\"t\",\"data_base64\":\"\"}", NULL));
    assert_string_equal(event.id, "e9");
}

static void headers_and_value_are_bounded(void **state) {
    (void)state;
    struct irsa_record record = record_of("{}", HEADERS(EVENT));
    struct irsa_header *headers = IRSA_NEW_ARRAY(arena, struct irsa_header, IRSA_HEADERS_MAX + 1);
    for (size_t i = 0; i <= IRSA_HEADERS_MAX; i++)
        headers[i] = i < record.header_count ? record.headers[i] : (struct irsa_header){"x", "y", 1};
    record.headers = headers;
    record.header_count = IRSA_HEADERS_MAX;
    assert_ok(irsa_event_decode(arena, &record, &event, &err), err);
    record.header_count++;
    assert_false(irsa_event_decode(arena, &record, &event, &err));
    assert_code(err, TOO_LARGE);
    assert_string_equal(event.id, "irsa.requests-3-4711");

    record.header_count = 5;
    size_t names_and_values = 0;
    for (size_t i = 0; i < 4; i++)
        names_and_values += strlen(headers[i].name) + headers[i].length;
    char *big = irsa_arena_alloc(arena, IRSA_HEADERS_MAX_BYTES);
    headers[4] = (struct irsa_header){"x", big, IRSA_HEADERS_MAX_BYTES - names_and_values - 1};
    assert_ok(irsa_event_decode(arena, &record, &event, &err), err);
    headers[4].length++;
    assert_false(irsa_event_decode(arena, &record, &event, &err));
    assert_code(err, TOO_LARGE);

    char *spaces = irsa_arena_alloc(arena, IRSA_REQUEST_MAX_BYTES + 1);
    memset(spaces, ' ', IRSA_REQUEST_MAX_BYTES + 1);
    spaces[0] = '7';
    record.header_count = 4;
    record.value = spaces;
    record.value_length = IRSA_REQUEST_MAX_BYTES;
    assert_ok(irsa_event_decode(arena, &record, &event, &err), err);
    record.value_length++;
    assert_false(irsa_event_decode(arena, &record, &event, &err));
    assert_code(err, TOO_LARGE);
    assert_string_equal(event.id, "e1");
}

static void what_is_written_is_read_again(void **state) {
    (void)state;
    static const struct irsa_pair extensions[] = {{"ticket", "OPS-1"}, {"urgent", "yes"}};
    const struct irsa_event written = {.id = "e1",
                                       .source = "urn:x",
                                       .type = "t",
                                       .subject = "s",
                                       .time_ms = 1795516500123,
                                       .expiry_ms = 1795516600000,
                                       .correlation_id = "b",
                                       .causation_id = "c",
                                       .partition_key = "k",
                                       .traceparent = TRACE_4,
                                       .tracestate = "a=b",
                                       .extensions = {extensions, 2}};
    struct irsa_record record = record_of("{\"a\":1}", NULL);
    record.headers = irsa_event_headers(arena, &written, &record.header_count);
    const char *structured = irsa_event_structured(arena, &written, "{\"a\":1}");
    for (int mode = 0; mode < 2; mode++) {
        if (mode == 0)
            assert_ok(irsa_event_decode(arena, &record, &event, &err), err);
        else
            assert_ok(decode(structured, NULL), err);
        assert_string_equal(event.id, "e1");
        assert_string_equal(event.source, "urn:x");
        assert_string_equal(event.type, "t");
        assert_string_equal(event.subject, "s");
        assert_int_equal(event.time_ms, written.time_ms);
        assert_int_equal(event.expiry_ms, written.expiry_ms);
        assert_string_equal(event.correlation_id, "b");
        assert_string_equal(event.causation_id, "c");
        assert_string_equal(event.partition_key, "k");
        assert_string_equal(event.traceparent, TRACE_4);
        assert_string_equal(event.tracestate, "a=b");
        assert_int_equal(event.extensions.count, 2);
        assert_string_equal(event.extensions.at[1].key, "urgent");
        assert_string_equal(event.extensions.at[1].value, "yes");
        assert_non_null(irsa_json_get(event.data, "a"));
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
        TEST(bare_data_is_called_by_the_coordinates_of_its_record),
        TEST(bare_data_may_be_missing),
        TEST(binary_mode_has_its_attributes_in_headers),
        TEST(an_event_without_time_has_none),
        TEST(structured_mode_has_everything_in_the_value),
        TEST(with_a_content_type_or_attributes_an_object_with_specversion_is_data),
        TEST(some_attributes_without_the_four_that_are_needed_are_refused),
        TEST(of_a_repeated_header_the_last_counts),
        TEST(the_plain_header_of_the_trace_wins_and_a_malformed_trace_is_dropped),
        TEST(attributes_of_the_wrong_form_are_refused_by_name),
        TEST(json_goes_by_many_names),
        TEST(structured_events_of_the_wrong_form_are_refused_at_their_place),
        TEST(an_event_that_cannot_be_read_keeps_the_identity_that_it_has),
        TEST(headers_and_value_are_bounded),
        TEST(what_is_written_is_read_again),
    };
    return RUN_TESTS("CloudEvents");
}
