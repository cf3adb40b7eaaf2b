#include "core/kube/kube.h"

#include "core/base/arena.h"
#include "core/base/crypto.h"
#include "tests/support/test.h"
#include "tests/unit/aws_fixture.h"

#define UID      "bdfd0014-8650-44ed-8c1f-599ec5bf3f17"
#define ROLE_ARN "eks.amazonaws.com/role-arn"
#define ACCOUNT                                                                                                        \
    "{\"kind\":\"ServiceAccount\",\"apiVersion\":\"v1\",\"metadata\":{\"name\":\"x\",\"namespace\":\"t1\",\"uid\":"    \
    "\"" UID "\",\"resourceVersion\":\"199\",\"labels\":{\"app\":\"a\"},\"annotations\":{\"" ROLE_ARN "\":\"arn:a\"}," \
    "\"managedFields\":[{\"manager\":\"irsa\",\"operation\":\"Apply\",\"apiVersion\":\"v1\",\"fieldsType\":"           \
    "\"FieldsV1\","                                                                                                    \
    "\"fieldsV1\":{\"f:metadata\":{\"f:annotations\":{\"f:" ROLE_ARN "\":{}}}}},"                                      \
    "{\"manager\":\"helm\",\"operation\":\"Update\",\"apiVersion\":\"v1\",\"fieldsType\":\"FieldsV1\",\"fieldsV1\":"   \
    "{\"f:metadata\":{\"f:labels\":{\".\":{},\"f:app\":{}}}}}]}}"

static struct irsa_kube kube;
static struct irsa_kube_account account;

static int start(void **state) {
    aws_fixture_start(state);
    kube = (struct irsa_kube){.transport = &f.transport.transport,
                              .endpoint = "https://abc.eks.amazonaws.com/",
                              .trust = (const struct irsa_trust *)&kube, /* never looked into */
                              .token = "the-token"};
    return 0;
}

static void the_call_is(const char *method, const char *url, const char *body) {
    const struct fake_call *call = &f.transport.calls[0];
    assert_int_equal(f.transport.call_count, 1);
    assert_string_equal(call->method, method);
    assert_string_equal(call->url, url);
    if (body == NULL)
        assert_null(call->body);
    else
        assert_string_equal(call->body, body);
    assert_ptr_equal(call->trust, kube.trust);
    assert_string_equal(fake_header(f.arena, call, "Authorization"), "Bearer the-token");
}

static void an_account_is_read(void **state) {
    (void)state;
    ANSWER({.status = 200, .body = ACCOUNT});
    assert_ok(irsa_kube_get_account(&kube, &f.attempt, "t1", "x", &account, &f.err), f.err);
    the_call_is("GET", "https://abc.eks.amazonaws.com/api/v1/namespaces/t1/serviceaccounts/x", NULL);
    assert_string_equal(account.name, "x");
    assert_string_equal(account.namespace_name, "t1");
    assert_string_equal(account.uid, UID);
    assert_string_equal(account.resource_version, "199");
    assert_false(account.is_terminating);
    assert_int_equal(account.labels.count, 1);
    assert_string_equal(account.labels.at[0].key, "app");
    assert_string_equal(account.annotations.at[0].value, "arn:a");
    assert_string_equal(f.told.at, "kubernetes.get=200");
}

static void an_account_with_a_deletion_time_is_terminating(void **state) {
    (void)state;
    ANSWER({.status = 200,
            .body = "{\"kind\":\"ServiceAccount\",\"metadata\":{\"name\":\"f\",\"namespace\":\"t1\",\"uid\":\"u\","
                    "\"resourceVersion\":\"206\",\"deletionTimestamp\":\"2026-11-24T10:03:33Z\"}}"});
    assert_ok(irsa_kube_get_account(&kube, &f.attempt, "t1", "f", &account, &f.err), f.err);
    assert_true(account.is_terminating);
    assert_int_equal(account.labels.count, 0);
    assert_int_equal(account.annotations.count, 0);
    assert_null(irsa_kube_other_owner(&account, "irsa", true, "app"));
}

static void owners_of_fields_are_told_apart(void **state) {
    (void)state;
    ANSWER({.status = 200, .body = ACCOUNT});
    assert_ok(irsa_kube_get_account(&kube, &f.attempt, "t1", "x", &account, &f.err), f.err);
    assert_true(irsa_kube_owns(&account, "irsa", false, ROLE_ARN));
    assert_false(irsa_kube_owns(&account, "irsa", true, ROLE_ARN));
    assert_false(irsa_kube_owns(&account, "irsa", false, "other"));
    assert_false(irsa_kube_owns(&account, "helm", true, "app")); /* by Update, not by Apply */
    assert_string_equal(irsa_kube_other_owner(&account, "irsa", true, "app"), "helm");
    assert_null(irsa_kube_other_owner(&account, "helm", true, "app"));
    assert_null(irsa_kube_other_owner(&account, "irsa", false, ROLE_ARN));
    assert_string_equal(irsa_kube_other_owner(&account, "helm", false, ROLE_ARN), "irsa");
}

static void an_apply_sends_only_what_it_holds(void **state) {
    (void)state;
    const struct irsa_pair annotation = {ROLE_ARN, "arn:\"a\""};
    const struct irsa_pair labels[] = {{"a", "1"}, {"b", ""}};
    struct irsa_kube_apply apply = {.name = "x",
                                    .namespace_name = "t1",
                                    .resource_version = "1",
                                    .labels = {labels, 2},
                                    .annotations = {&annotation, 1}};
    bool is_created = false;
    ANSWER({.status = 201, .body = ACCOUNT});
    assert_ok(irsa_kube_apply_account(&kube, &f.attempt, &apply, &account, &is_created, &f.err), f.err);
    the_call_is("PATCH", "https://abc.eks.amazonaws.com/api/v1/namespaces/t1/serviceaccounts/x?fieldManager=irsa",
                "{\"apiVersion\":\"v1\",\"kind\":\"ServiceAccount\",\"metadata\":{\"name\":\"x\",\"namespace\":\"t1\","
                "\"resourceVersion\":\"1\",\"labels\":{\"a\":\"1\",\"b\":\"\"},"
                "\"annotations\":{\"" ROLE_ARN "\":\"arn:\\\"a\\\"\"}}}");
    assert_string_equal(fake_header(f.arena, &f.transport.calls[0], "Content-Type"), "application/apply-patch+yaml");
    assert_true(is_created);
    assert_string_equal(account.uid, UID);
    assert_string_equal(f.told.at, "kubernetes.apply=201");
}

static void an_apply_of_nothing_releases_the_fields_of_one_object(void **state) {
    (void)state;
    struct irsa_kube_apply apply = {.name = "x", .namespace_name = "t1", .uid = UID, .force = true, .dry_run = true};
    bool is_created = true;
    ANSWER({.status = 200, .body = ACCOUNT});
    assert_ok(irsa_kube_apply_account(&kube, &f.attempt, &apply, &account, &is_created, &f.err), f.err);
    the_call_is("PATCH",
                "https://abc.eks.amazonaws.com/api/v1/namespaces/t1/serviceaccounts/x?fieldManager=irsa&force=true"
                "&dryRun=All",
                "{\"apiVersion\":\"v1\",\"kind\":\"ServiceAccount\",\"metadata\":{\"name\":\"x\",\"namespace\":\"t1\","
                "\"uid\":\"" UID "\"}}");
    assert_false(is_created);
}

static void a_dry_run_answers_without_a_version(void **state) {
    (void)state;
    struct irsa_kube_apply apply = {.name = "dry", .namespace_name = "t1", .dry_run = true};
    bool is_created;
    ANSWER(
        {.status = 201,
         .body = "{\"kind\":\"ServiceAccount\",\"metadata\":{\"name\":\"dry\",\"namespace\":\"t1\",\"uid\":\"u\"}}"});
    assert_ok(irsa_kube_apply_account(&kube, &f.attempt, &apply, &account, &is_created, &f.err), f.err);
    assert_null(account.resource_version);
}

static void a_delete_is_for_one_object_only(void **state) {
    (void)state;
    ANSWER({.status = 200, .body = "{\"kind\":\"Status\",\"status\":\"Success\"}"});
    assert_ok(irsa_kube_delete_account(&kube, &f.attempt, "t1", "x", UID, &f.err), f.err);
    the_call_is("DELETE", "https://abc.eks.amazonaws.com/api/v1/namespaces/t1/serviceaccounts/x",
                "{\"apiVersion\":\"v1\",\"kind\":\"DeleteOptions\",\"preconditions\":{\"uid\":\"" UID "\"}}");
    assert_string_equal(fake_header(f.arena, &f.transport.calls[0], "Content-Type"), "application/json");
    assert_string_equal(f.told.at, "kubernetes.delete=200");
    assert_false(irsa_kube_delete_account(&kube, &f.attempt, "t1", "x", "", &f.err));
    assert_code(f.err, INTERNAL);
    assert_false(irsa_kube_delete_account(&kube, &f.attempt, "t1", "x", NULL, &f.err));
    assert_int_equal(f.transport.call_count, 1);
}

static void a_name_never_makes_another_path(void **state) {
    (void)state;
    static const char *const names[] = {"", ".", ".."};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        assert_false(irsa_kube_delete_account(&kube, &f.attempt, "t1", names[i], UID, &f.err));
        assert_code(f.err, INVALID);
        assert_false(irsa_kube_delete_account(&kube, &f.attempt, names[i], "x", UID, &f.err));
        assert_code(f.err, INVALID);
    }
    assert_int_equal(f.transport.call_count, 0);
    ANSWER({.status = 200, .body = ACCOUNT});
    assert_ok(irsa_kube_get_account(&kube, &f.attempt, "a/../b", "c?d#e%f", &account, &f.err), f.err);
    assert_string_equal(f.transport.calls[0].url,
                        "https://abc.eks.amazonaws.com/api/v1/namespaces/a%2F..%2Fb/serviceaccounts/c%3Fd%23e%25f");
}

static void a_namespace_is_looked_up(void **state) {
    (void)state;
    bool is_terminating = true;
    ANSWER({.status = 200, .body = "{\"kind\":\"Namespace\",\"status\":{\"phase\":\"Active\"}}"});
    assert_ok(irsa_kube_get_namespace(&kube, &f.attempt, "t1", &is_terminating, &f.err), f.err);
    the_call_is("GET", "https://abc.eks.amazonaws.com/api/v1/namespaces/t1", NULL);
    assert_false(is_terminating);
    ANSWER({.status = 200, .body = "{\"kind\":\"Namespace\",\"status\":{\"phase\":\"Terminating\"}}"});
    assert_ok(irsa_kube_get_namespace(&kube, &f.attempt, "t1", &is_terminating, &f.err), f.err);
    assert_true(is_terminating);
    ANSWER({.status = 404,
            .body = "{\"kind\":\"Status\",\"message\":\"namespaces \\\"t1\\\" not "
                    "found\",\"reason\":\"NotFound\",\"code\":404}"});
    assert_false(irsa_kube_get_namespace(&kube, &f.attempt, "t1", &is_terminating, &f.err));
    assert_code(f.err, NOT_FOUND);
    assert_string_equal(f.told.at,
                        "kubernetes.get-namespace=200 kubernetes.get-namespace=200 kubernetes.get-namespace=404");
}

static void a_namespace_is_created_or_there_already(void **state) {
    (void)state;
    bool is_created = false;
    ANSWER({.status = 201, .body = "{\"kind\":\"Namespace\"}"});
    assert_ok(irsa_kube_create_namespace(&kube, &f.attempt, "t1", &is_created, &f.err), f.err);
    the_call_is("POST", "https://abc.eks.amazonaws.com/api/v1/namespaces?fieldManager=irsa",
                "{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{\"name\":\"t1\"}}");
    assert_true(is_created);
    ANSWER(
        {.status = 409, .body = "{\"kind\":\"Status\",\"message\":\"x\",\"reason\":\"AlreadyExists\",\"code\":409}"});
    assert_ok(irsa_kube_create_namespace(&kube, &f.attempt, "t1", &is_created, &f.err), f.err);
    assert_false(is_created);
    ANSWER({.status = 403, .body = "{\"kind\":\"Status\",\"message\":\"x\",\"reason\":\"Forbidden\",\"code\":403}"});
    assert_false(irsa_kube_create_namespace(&kube, &f.attempt, "t1", &is_created, &f.err));
    assert_code(f.err, ACCESS_DENIED);
    assert_string_equal(
        f.told.at, "kubernetes.create-namespace=201 kubernetes.create-namespace=409 kubernetes.create-namespace=403");
}

static void a_cluster_that_cannot_be_reached_is_not_ready(void **state) {
    (void)state;
    ANSWER({.code = IRSA_CODE_UNAVAILABLE, .upstream = IRSA_HTTP_TLS});
    assert_false(irsa_kube_get_account(&kube, &f.attempt, "t1", "x", &account, &f.err));
    assert_code(f.err, CLUSTER_NOT_READY);
    assert_string_equal(f.err.upstream, "TLS");
    assert_string_equal(f.err.service, "kubernetes");
    ANSWER({.code = IRSA_CODE_UNAVAILABLE, .upstream = IRSA_HTTP_CONNECT},
           {.code = IRSA_CODE_UNAVAILABLE, .upstream = IRSA_HTTP_CONNECT},
           {.code = IRSA_CODE_UNAVAILABLE, .upstream = IRSA_HTTP_CONNECT});
    assert_false(irsa_kube_get_account(&kube, &f.attempt, "t1", "x", &account, &f.err));
    assert_code(f.err, CLUSTER_NOT_READY);
    ANSWER({.code = IRSA_CODE_UNAVAILABLE}, {.code = IRSA_CODE_UNAVAILABLE}, {.code = IRSA_CODE_UNAVAILABLE});
    assert_false(irsa_kube_get_account(&kube, &f.attempt, "t1", "x", &account, &f.err));
    assert_code(f.err, UNAVAILABLE);
}

static void an_answer_that_is_nothing_of_kubernetes_is_no_answer(void **state) {
    (void)state;
    static const char *const bodies[] = {
        "",
        "<html/>",
        "{",
        "{}",
        "{\"kind\":\"Secret\",\"metadata\":{\"name\":\"x\"}}",
        "{\"kind\":\"ServiceAccount\",\"metadata\":{\"name\":\"x\",\"namespace\":\"t1\"}}"};
    for (size_t i = 0; i < COUNT_OF(bodies); i++) {
        const struct fake_answer answers[] = {
            {.status = 200, .body = bodies[i]}, {.status = 200, .body = bodies[i]}, {.status = 200, .body = bodies[i]}};
        fake_transport_answers(&f.transport, answers, 3);
        if (irsa_kube_get_account(&kube, &f.attempt, "t1", "x", &account, &f.err))
            fail_msg("%s was taken", bodies[i]);
        assert_code(f.err, UNAVAILABLE);
        if (strstr(f.err.message, "the API server") == NULL)
            fail_msg("%s does not say whose answer it was", f.err.message);
    }
}

static void a_token_is_the_presigned_url_in_base64url(void **state) {
    (void)state;
    const char *token;
    uint8_t *url;
    size_t length;
    assert_ok(irsa_kube_token(f.aws, f.arena, "us-west-2", "cluster-13", &token, &f.err), f.err);
    assert_true(irsa_text_starts_with(token, "k8s-aws-v1."));
    assert_null(strchr(token, '='));
    const char *encoded = token + strlen("k8s-aws-v1.");
    assert_ok(irsa_base64_decode(f.arena, IRSA_BASE64_URL, encoded, strlen(encoded), &url, &length, &f.err), f.err);
    const char *text = irsa_arena_copy_bytes(f.arena, url, length);
    assert_true(irsa_text_starts_with(
        text, "https://sts.us-west-2.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15&"));
    assert_non_null(strstr(text, "&X-Amz-Expires=60&"));
    assert_non_null(strstr(text, "&X-Amz-SignedHeaders=host%3Bx-k8s-aws-id&"));
}

static void a_token_over_4096_bytes_is_refused(void **state) {
    (void)state;
    const char *token;
    memset(f.credentials.session_token, 't', 2500);
    assert_ok(irsa_kube_token(f.aws, f.arena, "us-west-2", "c", &token, &f.err), f.err);
    memset(f.credentials.session_token, 't', 2800);
    irsa_aws_credentials_forget(f.aws);
    assert_false(irsa_kube_token(f.aws, f.arena, "us-west-2", "c", &token, &f.err));
    assert_code(f.err, INVALID);
    assert_non_null(strstr(f.err.message, "4096"));
}

#undef CASE
#define CASE(name) cmocka_unit_test_setup_teardown(name, start, aws_fixture_stop)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(an_account_is_read),
        CASE(an_account_with_a_deletion_time_is_terminating),
        CASE(owners_of_fields_are_told_apart),
        CASE(an_apply_sends_only_what_it_holds),
        CASE(an_apply_of_nothing_releases_the_fields_of_one_object),
        CASE(a_dry_run_answers_without_a_version),
        CASE(a_delete_is_for_one_object_only),
        CASE(a_name_never_makes_another_path),
        CASE(a_namespace_is_looked_up),
        CASE(a_namespace_is_created_or_there_already),
        CASE(a_cluster_that_cannot_be_reached_is_not_ready),
        CASE(an_answer_that_is_nothing_of_kubernetes_is_no_answer),
        CASE(a_token_is_the_presigned_url_in_base64url),
        CASE(a_token_over_4096_bytes_is_refused),
    };
    return RUN_TESTS("the Kubernetes API is asked and understood");
}
