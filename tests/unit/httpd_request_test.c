/*
 * Questions about a request.
 */
#include "core/httpd/httpd.h"
#include "tests/support/test.h"

static const struct irsa_httpd_field headers[] = {{"host", "a"}, {"x-twice", "1"}, {"x-twice", "2"}};

static void a_header_is_found_by_its_lower_case_name(void **state) {
    (void)state;
    const struct irsa_httpd_request request = {.headers = headers, .header_count = 3};
    assert_string_equal(irsa_httpd_header(&request, "host"), "a");
    assert_string_equal(irsa_httpd_header(&request, "x-twice"), "1");
    assert_null(irsa_httpd_header(&request, "absent"));
}

static void a_parameter_is_decoded(void **state) {
    (void)state;
    static const struct {
        const char *encoded, *name, *value;
    } rows[] = {
        {"a=1&b=2", "b", "2"}, {"a=1&b=2", "c", NULL}, {"a+b=c+d", "a b", "c d"}, {"%61=%3D%26", "a", "=&"},
        {"a", "a", ""},        {"a=", "a", ""},        {"a&b=1", "b", "1"},       {"", "a", NULL},
        {"a=1&a=2", "a", "1"}, {"a=%zz", "a", NULL},   {"a=%00", "a", NULL},      {"ab=1&a=2", "a", "2"},
        {"a=b=c", "a", "b=c"}, {"&&a=1&", "a", "1"},
    };
    struct irsa_arena *arena = irsa_arena_new();
    const struct irsa_httpd_request request = {.arena = arena};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const char *value = irsa_httpd_parameter(&request, rows[i].encoded, rows[i].name);
        if ((value == NULL) != (rows[i].value == NULL) || (value != NULL && strcmp(value, rows[i].value) != 0))
            fail_msg("%s in %s is %s", rows[i].name, rows[i].encoded, value == NULL ? "absent" : value);
    }
    irsa_arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_header_is_found_by_its_lower_case_name),
        cmocka_unit_test(a_parameter_is_decoded),
    };
    return RUN_TESTS("httpd_request");
}
