#include "core/kube/status.h"

#include "core/base/arena.h"
#include "tests/support/test.h"

static struct irsa_arena *arena;
static struct irsa_error err;

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

static void fail_with(int status, const char *body) {
    struct irsa_http_reply reply = {.status = status, .body = body, .body_length = strlen(body)};
    assert_false(irsa_kube_failure(arena, &reply, &err));
    assert_string_equal(err.service, "kubernetes");
}

#define STATUS(message, rest)                                                                                          \
    "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{},\"status\":\"Failure\",\"message\":\"" message         \
    "\"," rest "}"

/* Answers of kube-apiserver 1.35.4. */
static void what_a_real_api_server_says_is_understood(void **state) {
    (void)state;
    /* clang-format off */
    static const struct { const char *body; int status; enum irsa_code code; const char *upstream; } cases[] = {
        {STATUS("namespaces \\\"t1\\\" already exists",
                "\"reason\":\"AlreadyExists\",\"details\":{\"name\":\"t1\",\"kind\":\"namespaces\"},\"code\":409"),
         409, IRSA_CODE_CONFLICT, "AlreadyExists"},
        {STATUS("Apply failed with 1 conflict: conflict with \\\"ctl\\\": .metadata.annotations.eks.amazonaws.com/role-arn",
                "\"reason\":\"Conflict\",\"details\":{\"causes\":[{\"reason\":\"FieldManagerConflict\",\"message\":"
                "\"conflict with \\\"ctl\\\"\",\"field\":\".metadata.annotations.eks.amazonaws.com/role-arn\"}]},\"code\":409"),
         409, IRSA_CODE_CONFLICT, "FieldManagerConflict"},
        {STATUS("Operation cannot be fulfilled on serviceaccounts \\\"x\\\": the object has been modified",
                "\"reason\":\"Conflict\",\"details\":{\"name\":\"x\",\"kind\":\"serviceaccounts\"},\"code\":409"),
         409, IRSA_CODE_CONFLICT, "Conflict"},
        {STATUS("ServiceAccount \\\"x\\\" is invalid: metadata.labels: no",
                "\"reason\":\"Invalid\",\"details\":{\"causes\":[{\"reason\":\"FieldValueInvalid\"}]},\"code\":422"),
         422, IRSA_CODE_INVALID, "Invalid"},
        {STATUS("ServiceAccount \\\"x\\\" is invalid: metadata.uid: Invalid value: \\\"1\\\": field is immutable",
                "\"reason\":\"Invalid\",\"details\":{\"causes\":[{\"reason\":\"FieldValueInvalid\",\"message\":"
                "\"Invalid value\",\"field\":\"metadata.uid\"}]},\"code\":422"),
         422, IRSA_CODE_CONFLICT, "Conflict"},
        {STATUS("namespaces \\\"none\\\" not found", "\"reason\":\"NotFound\",\"code\":404"),
         404, IRSA_CODE_NOT_FOUND, "NotFound"},
        {STATUS("metadata.managedFields must be nil", "\"reason\":\"BadRequest\",\"code\":400"),
         400, IRSA_CODE_INVALID, "BadRequest"},
        {STATUS("415: Unsupported Media Type", "\"reason\":\"UnsupportedMediaType\",\"details\":{},\"code\":415"),
         415, IRSA_CODE_INVALID, "UnsupportedMediaType"},
        {STATUS("x", "\"reason\":\"MethodNotAllowed\",\"code\":405"),
         405, IRSA_CODE_INVALID, "MethodNotAllowed"},
        {STATUS("Unauthorized", "\"reason\":\"Unauthorized\",\"code\":401"),
         401, IRSA_CODE_ACCESS_DENIED, "Unauthorized"},
        {STATUS("serviceaccounts \\\"x\\\" is forbidden: User \\\"plain\\\" cannot get resource",
                "\"reason\":\"Forbidden\",\"code\":403"),
         403, IRSA_CODE_ACCESS_DENIED, "Forbidden"},
        {STATUS("serviceaccounts \\\"late\\\" is forbidden: unable to create new content in namespace t1 because it is being terminated",
                "\"reason\":\"Forbidden\",\"details\":{\"causes\":[{\"reason\":\"NamespaceTerminating\",\"message\":"
                "\"namespace t1 is being terminated\",\"field\":\"metadata.namespace\"}]},\"code\":403"),
         403, IRSA_CODE_CLUSTER_NOT_READY, "NamespaceTerminating"},
        {STATUS("failed to create typed patch object", "\"code\":500"),
         500, IRSA_CODE_UNAVAILABLE, ""},
    };
    /* clang-format on */
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        fail_with(cases[i].status, cases[i].body);
        if (err.code != cases[i].code)
            fail_msg("%s is %s", cases[i].body, irsa_code_name(err.code));
        assert_string_equal(err.upstream, cases[i].upstream);
    }
}

static void the_message_names_the_manager_that_holds_the_field(void **state) {
    (void)state;
    fail_with(409, STATUS("Apply failed with 1 conflict: conflict with \\\"helm\\\": .metadata.annotations.x",
                          "\"reason\":\"Conflict\",\"details\":{\"causes\":[{\"reason\":\"FieldManagerConflict\"}]}"));
    assert_non_null(strstr(err.message, "conflict with \"helm\""));
}

static void every_reason_has_its_meaning(void **state) {
    (void)state;
    static const struct {
        const char *reason;
        int status;
        enum irsa_code code;
    } cases[] = {
        {"Gone", 410, IRSA_CODE_UNAVAILABLE},          {"Expired", 410, IRSA_CODE_UNAVAILABLE},
        {"NotAcceptable", 406, IRSA_CODE_INVALID},     {"RequestEntityTooLarge", 413, IRSA_CODE_TOO_LARGE},
        {"TooManyRequests", 429, IRSA_CODE_THROTTLED}, {"ServerTimeout", 500, IRSA_CODE_UNAVAILABLE},
        {"Timeout", 504, IRSA_CODE_UNAVAILABLE},       {"StoreReadError", 500, IRSA_CODE_UNAVAILABLE},
        {"InternalError", 500, IRSA_CODE_UNAVAILABLE}, {"ServiceUnavailable", 503, IRSA_CODE_UNAVAILABLE},
        {"SomethingNew", 400, IRSA_CODE_INVALID},      {"SomethingNew", 599, IRSA_CODE_UNAVAILABLE},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        fail_with(cases[i].status, irsa_arena_format(arena, STATUS("m", "\"reason\":\"%s\""), cases[i].reason));
        assert_string_equal(irsa_code_name(err.code), irsa_code_name(cases[i].code));
        assert_string_equal(err.upstream, cases[i].reason);
        assert_string_equal(err.message, "m");
    }
}

static void a_denial_by_an_admission_plugin_is_no_missing_right(void **state) {
    (void)state;
    fail_with(
        403,
        STATUS(
            "serviceaccounts \\\"x\\\" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: no",
            "\"reason\":\"Forbidden\",\"code\":403"));
    assert_code(err, INVALID);
    fail_with(403,
              STATUS("admission webhook \\\"w\\\" denied the request: no", "\"reason\":\"Forbidden\",\"code\":403"));
    assert_code(err, INVALID);
    fail_with(400, STATUS("admission webhook \\\"w\\\" denied the request: no", "\"code\":400"));
    assert_code(err, INVALID);
    fail_with(422, STATUS("admission webhook \\\"w\\\" denied the request: no", "\"reason\":\"Invalid\",\"code\":422"));
    assert_code(err, INVALID);
}

static void a_used_up_quota_is_told_apart_from_a_missing_right(void **state) {
    (void)state;
    fail_with(403,
              STATUS("serviceaccounts \\\"x\\\" is forbidden: exceeded quota: q, requested: count/serviceaccounts=1",
                     "\"reason\":\"Forbidden\",\"code\":403"));
    assert_code(err, QUOTA);
}

static void without_a_status_object_absence_and_conflict_are_not_believed(void **state) {
    (void)state;
    static const struct {
        const char *body;
        int status;
        enum irsa_code code;
        const char *upstream;
    } cases[] = {
        {"404 page not found\n", 404, IRSA_CODE_UNAVAILABLE, ""},
        {"{\"reason\":\"NotFound\"}", 404, IRSA_CODE_UNAVAILABLE, ""},
        {"", 409, IRSA_CODE_UNAVAILABLE, ""},
        {"Unauthorized", 401, IRSA_CODE_ACCESS_DENIED, "Unauthorized"},
        {"<html>", 403, IRSA_CODE_ACCESS_DENIED, ""},
        {"Too many requests, please try again later.", 429, IRSA_CODE_THROTTLED, ""},
        {"no", 400, IRSA_CODE_UNAVAILABLE, ""},
        {"Bad Gateway", 502, IRSA_CODE_UNAVAILABLE, ""},
        {"", 302, IRSA_CODE_UNAVAILABLE, ""},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        fail_with(cases[i].status, cases[i].body);
        assert_string_equal(irsa_code_name(err.code), irsa_code_name(cases[i].code));
        assert_string_equal(err.upstream, cases[i].upstream);
        assert_true(strlen(err.message) > 10);
    }
}

static void words_are_made_printable_and_cut(void **state) {
    (void)state;
    char words[3000];
    fail_with(400, STATUS("one\\ntwo\\u001b[31m", "\"reason\":\"BadRequest\""));
    assert_string_equal(err.message, "one\\x0atwo\\x1b[31m");
    memset(words, 'w', sizeof words);
    words[sizeof words - 1] = '\0';
    fail_with(400, irsa_arena_format(arena, STATUS("%s", "\"reason\":\"BadRequest\""), words));
    assert_in_range(strlen(err.message), 1000, 1100);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_real_api_server_says_is_understood),
        cmocka_unit_test(the_message_names_the_manager_that_holds_the_field),
        cmocka_unit_test(every_reason_has_its_meaning),
        cmocka_unit_test(a_denial_by_an_admission_plugin_is_no_missing_right),
        cmocka_unit_test(a_used_up_quota_is_told_apart_from_a_missing_right),
        cmocka_unit_test(without_a_status_object_absence_and_conflict_are_not_believed),
        cmocka_unit_test(words_are_made_printable_and_cut),
    };
    return cmocka_run_group_tests_name("errors of Kubernetes are told in our own codes", tests, start, stop);
}
