#include "core/provision/document.h"

#include "tests/support/test.h"

/* The form of the IAM user guide's example "Create a role for OpenID Connect federation" for Amazon EKS. */
static void the_trust_policy_names_exactly_one_service_account(void **state) {
    (void)state;
    struct irsa_arena *arena = irsa_arena_new();
    const struct irsa_trust_subject subject = {
        .provider_arn = "arn:aws:iam::111122223333:oidc-provider/oidc.eks.us-west-2.amazonaws.com/id/EXAMPLE",
        .issuer = "oidc.eks.us-west-2.amazonaws.com/id/EXAMPLE",
        .namespace_name = "backend-apps",
        .name = "s3-reader"};
    assert_string_equal(
        irsa_trust_document(arena, &subject),
        "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Federated\":"
        "\"arn:aws:iam::111122223333:oidc-provider/oidc.eks.us-west-2.amazonaws.com/id/EXAMPLE\"},"
        "\"Action\":\"sts:AssumeRoleWithWebIdentity\",\"Condition\":{\"StringEquals\":{"
        "\"oidc.eks.us-west-2.amazonaws.com/id/EXAMPLE:sub\":\"system:serviceaccount:backend-apps:s3-reader\","
        "\"oidc.eks.us-west-2.amazonaws.com/id/EXAMPLE:aud\":\"sts.amazonaws.com\"}}}]}");
    irsa_arena_free(arena);
}

static void a_subject_pattern_stands_under_string_like_and_the_audience_stays_exact(void **state) {
    (void)state;
    struct irsa_arena *arena = irsa_arena_new();
    const struct irsa_trust_subject subject = {
        .provider_arn = "arn", .issuer = "i", .namespace_name = "ns", .name = "unused", .pattern = "job-*"};
    const char *document = irsa_trust_document(arena, &subject);
    assert_non_null(strstr(document, "\"StringLike\":{\"i:sub\":\"system:serviceaccount:ns:job-*\"}"));
    assert_non_null(strstr(document, "\"StringEquals\":{\"i:aud\":\"sts.amazonaws.com\"}"));
    assert_null(strstr(document, "unused"));
    irsa_arena_free(arena);
}

/* IAM's default is 2,048 characters, 8,192 its maximum; 255 is the most for a provider's URL and for a subject. */
static void the_longest_trust_policy_fits_into_iams_default(void **state) {
    (void)state;
    struct irsa_arena *arena = irsa_arena_new();
    const char *issuer = irsa_arena_format(arena, "%0*d", 255 - (int)strlen("https://"), 0);
    const char *pattern = irsa_arena_format(arena, "%0*d", 255 - (int)strlen("system:serviceaccount:ns:"), 0);
    const struct irsa_trust_subject subject = {
        .provider_arn = irsa_arena_format(arena, "arn:aws-us-gov:iam::111122223333:oidc-provider/%s", issuer),
        .issuer = issuer,
        .namespace_name = "ns",
        .name = "unused",
        .pattern = pattern};
    assert_in_range(strlen(irsa_trust_document(arena, &subject)), 255 * 4, 2048);
    irsa_arena_free(arena);
}

static const struct {
    const char *sentence, *a, *b;
    bool is_equal;
} PAIRS[] = {
    {"the order of keys does not matter", "{\"a\":\"1\",\"b\":\"2\"}", "{\"b\":\"2\",\"a\":\"1\"}", true},
    {"white space does not matter", "{\"a\":[\"x\"]}", " { \"a\" : [ \"x\" ] } ", true},
    {"a text equals a list of it", "{\"Action\":\"s3:Get\"}", "{\"Action\":[\"s3:Get\"]}", true},
    {"one statement equals a list of it", "{\"Statement\":{\"Effect\":\"Allow\"}}",
     "{\"Statement\":[{\"Effect\":\"Allow\"}]}", true},
    {"the order of a list does not matter", "{\"a\":[\"x\",\"y\"]}", "{\"a\":[\"y\",\"x\"]}", true},
    {"a boolean equals its text", "{\"a\":true}", "{\"a\":\"true\"}", true},
    {"a number equals its text", "{\"a\":3600}", "{\"a\":\"3600\"}", true},
    {"another value differs", "{\"a\":\"x\"}", "{\"a\":\"y\"}", false},
    {"values differ by case", "{\"a\":\"x\"}", "{\"a\":\"X\"}", false},
    {"a missing key differs", "{\"a\":\"x\",\"b\":\"x\"}", "{\"a\":\"x\"}", false},
    {"one more key differs", "{\"a\":\"x\"}", "{\"a\":\"x\",\"b\":\"x\"}", false},
    {"a longer list differs", "{\"a\":[\"x\"]}", "{\"a\":[\"x\",\"y\"]}", false},
    {"how often an item stands matters", "{\"a\":[\"x\",\"x\",\"y\"]}", "{\"a\":[\"x\",\"y\",\"y\"]}", false},
    {"a text differs from an object", "{\"a\":\"x\"}", "{\"a\":{\"x\":\"x\"}}", false},
    {"null differs from a text", "{\"a\":null}", "{\"a\":\"null\"}", false},
    {"an unreadable document equals nothing else", "{\"a\":", "{}", false},
    {"the same bytes are the same", "{\"a\":", "{\"a\":", true},
};

static void documents_are_compared_by_meaning(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(PAIRS); i++) {
        struct irsa_arena *arena = irsa_arena_new();
        if (irsa_documents_equal(arena, PAIRS[i].a, PAIRS[i].b) != PAIRS[i].is_equal ||
            irsa_documents_equal(arena, PAIRS[i].b, PAIRS[i].a) != PAIRS[i].is_equal)
            fail_msg("%s: %s and %s", PAIRS[i].sentence, PAIRS[i].a, PAIRS[i].b);
        irsa_arena_free(arena);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_trust_policy_names_exactly_one_service_account),
        cmocka_unit_test(a_subject_pattern_stands_under_string_like_and_the_audience_stays_exact),
        cmocka_unit_test(the_longest_trust_policy_fits_into_iams_default),
        cmocka_unit_test(documents_are_compared_by_meaning),
    };
    return RUN_TESTS("policy documents are made exactly and compared by meaning");
}
