#include "core/aws/sigv4.h"

#include "core/base/arena.h"
#include "core/base/crypto.h"
#include "tests/support/test.h"

/* Vectors of AWS's documentation and of its SigV4 test suite; test_sigv4.py holds many more against botocore. */
#define SECRET   "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
#define EMPTY    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define EPOCH_MS INT64_C(1440938160000) /* 2015-08-30T12:36:00Z */

static struct irsa_arena *arena;
static const struct irsa_sigv4_keys keys = {"AKIDEXAMPLE", SECRET, NULL};

static int start(void **state) {
    (void)state;
    arena = irsa_arena_new();
    return 0;
}

static int stop(void **state) {
    (void)state;
    irsa_arena_free(arena);
    return 0;
}

static void the_documentations_example_comes_out(void **state) {
    (void)state;
    const struct irsa_sigv4_header headers[] = {
        {"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"},
        {"Host", "iam.amazonaws.com"},
        {"X-Amz-Date", "20150830T123600Z"},
    };
    struct irsa_sigv4_request request = {"GET", "/", "Action=ListUsers&Version=2010-05-08", headers, 3, EMPTY};
    struct irsa_sigv4_scope scope = {"us-east-1", "iam", EPOCH_MS};
    const char *signed_headers;
    char signature[IRSA_SIGV4_HEX_BYTES];
    const char *canonical = irsa_sigv4_canonical_request(arena, &request, &signed_headers);
    assert_string_equal(canonical, "GET\n/\nAction=ListUsers&Version=2010-05-08\n"
                                   "content-type:application/x-www-form-urlencoded; charset=utf-8\n"
                                   "host:iam.amazonaws.com\nx-amz-date:20150830T123600Z\n\n"
                                   "content-type;host;x-amz-date\n" EMPTY);
    assert_string_equal(signed_headers, "content-type;host;x-amz-date");
    const char *to_sign = irsa_sigv4_string_to_sign(arena, &scope, canonical);
    assert_string_equal(to_sign, "AWS4-HMAC-SHA256\n20150830T123600Z\n20150830/us-east-1/iam/aws4_request\n"
                                 "f536975d06c0309214f805bb90ccff089219ecd68b2577efef23edd43b7e1a59");
    irsa_sigv4_signature(SECRET, &scope, to_sign, signature);
    assert_string_equal(signature, "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7");
}

static void the_authorization_header_names_scope_and_signed_headers(void **state) {
    (void)state;
    const struct irsa_sigv4_header headers[] = {{"host", "example.amazonaws.com"}};
    struct irsa_sigv4_request request = {"GET", "/", "", headers, 1, EMPTY};
    struct irsa_sigv4_scope scope = {"us-east-1", "service", EPOCH_MS};
    const char *authorization, *date;
    irsa_sigv4_sign(arena, &request, &scope, &keys, &authorization, &date);
    assert_string_equal(date, "20150830T123600Z");
    assert_string_equal(
        authorization,
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
        "SignedHeaders=host;x-amz-date, Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
}

static const char *canonical_line(const char *path, const char *query, int line) {
    const struct irsa_sigv4_header headers[] = {{"host", "h"}};
    struct irsa_sigv4_request request = {"GET", path, query, headers, 1, EMPTY};
    const char *signed_headers;
    const char *at = irsa_sigv4_canonical_request(arena, &request, &signed_headers);
    for (; line > 0; line--)
        at = strchr(at, '\n') + 1;
    return irsa_arena_copy_bytes(arena, at, strcspn(at, "\n"));
}

static void paths_are_normalised_and_encoded_twice(void **state) {
    (void)state;
    static const struct {
        const char *path, *canonical;
    } cases[] = {
        {"", "/"},
        {"/", "/"},
        {"//", "/"},
        {"/a/./b", "/a/b"},
        {"/a/../b/", "/b/"},
        {"/../..", "/"},
        {"/a//b", "/a/b"},
        {"/a/.", "/a"},
        {"/a/..", "/"},
        {"/%20", "/%2520"},
        {"/tags/arn%3Aaws", "/tags/arn%253Aaws"},
        {"/tags/arn:aws", "/tags/arn%3Aaws"},
        {"/%2e%2e/a", "/%252e%252e/a"},
        {"/~-_.", "/~-_."},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_string_equal(canonical_line(cases[i].path, "", 1), cases[i].canonical);
}

static void queries_are_sorted_by_key_then_value(void **state) {
    (void)state;
    static const struct {
        const char *query, *canonical;
    } cases[] = {
        {"", ""},
        {"b=1&a=2", "a=2&b=1"},
        {"a=2&a=1&a", "a=&a=1&a=2"},
        {"aa=1&a-=1&a=1", "a=1&a-=1&aa=1"},
        {"a=b=c", "a=b=c"},
        {"A=1&a=1&_=1", "A=1&_=1&a=1"},
        {"%20=1&a=%2F", "%20=1&a=%2F"},
        {"a&&b", "=&a=&b="},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_string_equal(canonical_line("/", cases[i].query, 2), cases[i].canonical);
}

static void headers_are_trimmed_sorted_and_joined(void **state) {
    (void)state;
    const struct irsa_sigv4_header headers[] = {
        {"My-Header", "  second   one\t"}, {"Host", "h"}, {"my-header", "third"}, {"A", ""}};
    struct irsa_sigv4_request request = {"GET", "/", "", headers, 4, EMPTY};
    const char *signed_headers;
    const char *canonical = irsa_sigv4_canonical_request(arena, &request, &signed_headers);
    assert_string_equal(canonical, "GET\n/\n\na:\nhost:h\nmy-header:second one,third\n\na;host;my-header\n" EMPTY);
    assert_string_equal(signed_headers, "a;host;my-header");
}

static void a_session_token_is_signed(void **state) {
    (void)state;
    const struct irsa_sigv4_header headers[] = {{"host", "h"}};
    struct irsa_sigv4_request request = {"GET", "/", "", headers, 1, EMPTY};
    struct irsa_sigv4_scope scope = {"us-east-1", "sts", EPOCH_MS};
    struct irsa_sigv4_keys temporary = {"AKIDEXAMPLE", SECRET, "token"};
    const char *authorization, *date;
    irsa_sigv4_sign(arena, &request, &scope, &temporary, &authorization, &date);
    assert_non_null(strstr(authorization, "SignedHeaders=host;x-amz-date;x-amz-security-token,"));
    assert_non_null(strstr(irsa_sigv4_presign(arena, &request, &scope, &temporary, 60), "X-Amz-Security-Token=token&"));
}

static void dates_are_utc_to_the_second(void **state) {
    (void)state;
    static const struct {
        int64_t epoch_ms;
        const char *date;
    } cases[] = {{0, "19700101T000000Z"},
                 {INT64_C(4102444799999), "20991231T235959Z"},
                 {INT64_C(951782400000), "20000229T000000Z"}};
    char date[IRSA_SIGV4_DATE_BYTES];
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        irsa_sigv4_date(cases[i].epoch_ms, date);
        assert_string_equal(date, cases[i].date);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_documentations_example_comes_out),
        cmocka_unit_test(the_authorization_header_names_scope_and_signed_headers),
        cmocka_unit_test(paths_are_normalised_and_encoded_twice),
        cmocka_unit_test(queries_are_sorted_by_key_then_value),
        cmocka_unit_test(headers_are_trimmed_sorted_and_joined),
        cmocka_unit_test(a_session_token_is_signed),
        cmocka_unit_test(dates_are_utc_to_the_second),
    };
    return cmocka_run_group_tests_name("requests are signed as AWS wants it", tests, start, stop);
}
