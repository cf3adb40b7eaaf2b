#include "core/aws/eks.h"

#include "core/base/arena.h"
#include "tests/support/test.h"
#include "tests/unit/aws_fixture.h"

#define OTHER(arn) "{\"cluster\":{\"arn\":\"" arn "\"," ACTIVE COMMA CA COMMA OIDC COMMA HOST "}}"
#define ARN        "\"arn\":\"arn:aws:eks:us-west-2:111122223333:cluster/cluster-13\""
#define CA         "\"certificateAuthority\":{\"data\":\"LS0tLS1CRUdJTg==\"}"
#define OIDC       "\"identity\":{\"oidc\":{\"issuer\":\"https://oidc.eks.us-west-2.amazonaws.com/id/ABC\"}}"
#define HOST       "\"endpoint\":\"https://abc.eks.amazonaws.com\""
#define ACTIVE     "\"status\":\"ACTIVE\""
#define COMMA      ","

static struct irsa_eks_cluster cluster;

static bool describe(const char *body) {
    struct fake_answer answer = {.status = 200, .body = body};
    fake_transport_answers(&f.transport, &answer, 1);
    return irsa_eks_describe(f.aws, &f.attempt, "us-west-2", "cluster-13", &cluster, &f.err);
}

static void a_cluster_is_read(void **state) {
    (void)state;
    assert_ok(describe("{\"cluster\":{\"name\":\"cluster-13\"," ARN COMMA CA COMMA OIDC COMMA HOST COMMA ACTIVE "}}"),
              f.err);
    assert_string_equal(f.transport.calls[0].method, "GET");
    assert_string_equal(f.transport.calls[0].url, "https://eks.us-west-2.amazonaws.com/clusters/cluster-13");
    /* as botocore signs it */
    assert_string_equal(fake_header(f.arena, &f.transport.calls[0], "Authorization"),
                        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261124/us-west-2/eks/aws4_request, "
                        "SignedHeaders=host;x-amz-date, "
                        "Signature=576e4aa2cbec26cde5e1851635d8bc3ef916f9488946e41e29bc9782142eecd5");
    assert_null(f.transport.calls[0].body);
    assert_string_equal(cluster.arn, "arn:aws:eks:us-west-2:111122223333:cluster/cluster-13");
    assert_string_equal(cluster.account_id, "111122223333");
    assert_string_equal(cluster.partition, "aws");
    assert_string_equal(cluster.endpoint, "https://abc.eks.amazonaws.com");
    assert_string_equal(cluster.ca_pem, "-----BEGIN");
    assert_string_equal(cluster.issuer, "oidc.eks.us-west-2.amazonaws.com/id/ABC");
    assert_string_equal(f.told.at, "eks.DescribeCluster=200");
}

static void a_cluster_that_is_being_updated_is_ready(void **state) {
    (void)state;
    assert_ok(describe("{\"cluster\":{\"status\":\"UPDATING\"," ARN COMMA CA COMMA OIDC COMMA HOST "}}"), f.err);
}

static void a_cluster_in_the_making_is_not_ready(void **state) {
    (void)state;
    static const char *const bodies[] = {
        "{\"cluster\":{\"status\":\"CREATING\"," ARN "}}",
        "{\"cluster\":{\"status\":\"PENDING\"," ARN "}}",
        "{\"cluster\":{\"status\":\"DELETING\"," ARN COMMA CA COMMA OIDC COMMA HOST "}}",
        "{\"cluster\":{" ACTIVE COMMA ARN COMMA CA COMMA OIDC "}}",
        "{\"cluster\":{" ACTIVE COMMA ARN COMMA CA COMMA HOST "}}",
        "{\"cluster\":{" ACTIVE COMMA ARN COMMA CA COMMA HOST ",\"identity\":null}}",
        "{\"cluster\":{" ACTIVE COMMA ARN COMMA OIDC COMMA HOST "}}",
    };
    for (size_t i = 0; i < COUNT_OF(bodies); i++) {
        if (describe(bodies[i]))
            fail_msg("%s was taken", bodies[i]);
        assert_code(f.err, CLUSTER_NOT_READY);
        assert_string_equal(f.err.service, "eks");
    }
}

static void a_description_that_breaks_its_own_form_is_refused(void **state) {
    (void)state;
    static const char *const bodies[] = {
        "{}",
        "{\"cluster\":[]}",
        "{\"cluster\":{\"status\":\"FAILED\"," ARN "}}",
        "{\"cluster\":{" ACTIVE COMMA CA COMMA OIDC COMMA HOST "}}",
        "{\"cluster\":{\"arn\":\"arn:aws:eks:us-west-2::cluster/x\"," ACTIVE COMMA CA COMMA OIDC COMMA HOST "}}",
        "{\"cluster\":{\"arn\":\"x\"," ACTIVE COMMA CA COMMA OIDC COMMA HOST "}}",
        OTHER("arn:aws:eks:us-west-2:111122223333:cluster/cluster-14"),
        OTHER("arn:aws:eks:us-west-1:111122223333:cluster/cluster-13"),
        OTHER("arn:aws:iam:us-west-2:111122223333:cluster/cluster-13"),
        OTHER("arn:aws:eks:us-west-2:111122223333:cluster/cluster-13/x"),
        "{\"cluster\":{" ACTIVE COMMA ARN COMMA OIDC COMMA HOST ",\"certificateAuthority\":{\"data\":\"!\"}}}",
        "{\"cluster\":{" ACTIVE COMMA ARN COMMA CA COMMA HOST ",\"identity\":{\"oidc\":{\"issuer\":\"http://x\"}}}}",
    };
    for (size_t i = 0; i < COUNT_OF(bodies); i++) {
        if (describe(bodies[i]))
            fail_msg("%s was taken", bodies[i]);
        assert_code(f.err, INVALID);
        assert_string_equal(f.err.service, "eks");
    }
}

static void an_issuer_or_endpoint_that_is_no_plain_https_url_is_not_used(void **state) {
    (void)state;
    static const char *const urls[] = {"http://127.0.0.1:8080", "https://",    "https:///id/ABC",
                                       "https://:443",          "https://a b", "https://u@host",
                                       "https://h?q",           "https://h/*", "ftp://host"};
    for (size_t i = 0; i < COUNT_OF(urls); i++) {
        const char *issuer = irsa_arena_format(f.arena,
                                               "{\"cluster\":{" ACTIVE COMMA ARN COMMA CA COMMA HOST
                                               ",\"identity\":{\"oidc\":{\"issuer\":\"%s\"}}}}",
                                               urls[i]);
        const char *endpoint = irsa_arena_format(
            f.arena, "{\"cluster\":{" ACTIVE COMMA ARN COMMA CA COMMA OIDC ",\"endpoint\":\"%s\"}}", urls[i]);
        if (describe(issuer) || strstr(f.err.message, "no usable issuer") == NULL)
            fail_msg("issuer %s: %s", urls[i], f.err.message);
        if (describe(endpoint) || strstr(f.err.message, "no usable endpoint") == NULL)
            fail_msg("endpoint %s: %s", urls[i], f.err.message);
    }
}

static void what_is_no_json_is_no_answer(void **state) {
    (void)state;
    ANSWER({.status = 200, .body = "{\"cluster\":{"}, {.status = 200, .body = "<html/>"}, {.status = 200, .body = ""});
    assert_false(irsa_eks_describe(f.aws, &f.attempt, "us-west-2", "c", &cluster, &f.err));
    assert_code(f.err, UNAVAILABLE);
    assert_string_equal(f.err.message,
                        "the answer of eks to DescribeCluster: the document ends where a value is expected");
    assert_int_equal(f.transport.call_count, 3);
}

static void an_unknown_cluster_is_not_found_by_eks_own_word_only(void **state) {
    (void)state;
    ANSWER({.status = 404,
            .body = "{\"clusterName\":\"c\",\"message\":\"No cluster found for name: c.\"}",
            .headers = {{"x-amzn-errortype", "ResourceNotFoundException:http://internal.amazon.com/x"}}});
    assert_false(irsa_eks_describe(f.aws, &f.attempt, "us-west-2", "c", &cluster, &f.err));
    assert_code(f.err, CLUSTER_NOT_FOUND);
    assert_string_equal(f.err.upstream, "ResourceNotFoundException");
    assert_string_equal(f.err.message, "No cluster found for name: c.");
    ANSWER({.status = 404, .body = "<html/>"}, {.status = 404, .body = "{}"}, {.status = 404, .body = ""});
    assert_false(irsa_eks_describe(f.aws, &f.attempt, "us-west-2", "c", &cluster, &f.err));
    assert_code(f.err, UNAVAILABLE);
    ANSWER({.status = 404, .body = "{\"__type\":\"UnknownOperation\"}"});
    assert_false(irsa_eks_describe(f.aws, &f.attempt, "us-west-2", "c", &cluster, &f.err));
    assert_code(f.err, INVALID);
}

static void the_errors_name_may_stand_in_the_body(void **state) {
    (void)state;
    static const struct {
        const char *body;
        enum irsa_code code;
    } cases[] = {
        {"{\"__type\":\"com.amazonaws.eks#AccessDeniedException\",\"Message\":\"no\"}", IRSA_CODE_ACCESS_DENIED},
        {"{\"code\":\"ResourceNotFoundException\",\"message\":\"no\"}", IRSA_CODE_CLUSTER_NOT_FOUND},
        {"{\"__type\":\"TooManyRequestsException\"}", IRSA_CODE_THROTTLED},
        {"{\"message\":\"no\"}", IRSA_CODE_UNAVAILABLE}, /* not EKS's form: tried three times */
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct fake_answer answer = {.status = 400, .body = cases[i].body};
        const struct fake_answer answers[] = {answer, answer, answer};
        fake_transport_answers(&f.transport, answers, COUNT_OF(answers));
        assert_false(irsa_eks_describe(f.aws, &f.attempt, "us-west-2", "c", &cluster, &f.err));
        assert_string_equal(irsa_code_name(f.err.code), irsa_code_name(cases[i].code));
    }
}

static void the_name_is_encoded_into_the_path(void **state) {
    (void)state;
    ANSWER({.status = 400, .body = "{\"__type\":\"ValidationException\"}"});
    assert_false(irsa_eks_describe(f.aws, &f.attempt, "us-west-2", "../a b/c", &cluster, &f.err));
    assert_string_equal(f.transport.calls[0].url, "https://eks.us-west-2.amazonaws.com/clusters/..%2Fa%20b%2Fc");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(a_cluster_is_read),
        CASE(a_cluster_that_is_being_updated_is_ready),
        CASE(a_cluster_in_the_making_is_not_ready),
        CASE(a_description_that_breaks_its_own_form_is_refused),
        CASE(an_issuer_or_endpoint_that_is_no_plain_https_url_is_not_used),
        CASE(what_is_no_json_is_no_answer),
        CASE(an_unknown_cluster_is_not_found_by_eks_own_word_only),
        CASE(the_errors_name_may_stand_in_the_body),
        CASE(the_name_is_encoded_into_the_path),
    };
    return RUN_TESTS("EKS tells what a cluster is");
}
