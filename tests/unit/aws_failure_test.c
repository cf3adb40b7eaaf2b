#include "core/aws/failure.h"

#include "core/base/arena.h"
#include "tests/support/test.h"

static struct irsa_error err;

static void every_code_of_the_services_has_its_meaning(void **state) {
    (void)state;
    /* clang-format off */
    static const struct { const char *upstream; int status; enum irsa_code code; } cases[] = {
        /* IAM */
        {"NoSuchEntity", 404, IRSA_CODE_NOT_FOUND},
        {"EntityAlreadyExists", 409, IRSA_CODE_CONFLICT},
        {"DeleteConflict", 409, IRSA_CODE_CONFLICT},
        {"UnmodifiableEntity", 400, IRSA_CODE_CONFLICT},
        {"LimitExceeded", 409, IRSA_CODE_QUOTA},
        {"MalformedPolicyDocument", 400, IRSA_CODE_INVALID},
        {"InvalidInput", 400, IRSA_CODE_INVALID},
        {"ValidationError", 400, IRSA_CODE_INVALID},
        {"PolicyNotAttachable", 400, IRSA_CODE_INVALID},
        {"ConcurrentModification", 409, IRSA_CODE_UNAVAILABLE},
        {"EntityTemporarilyUnmodifiable", 409, IRSA_CODE_UNAVAILABLE},
        {"OpenIdIdpCommunicationError", 400, IRSA_CODE_UNAVAILABLE},
        {"ServiceFailure", 500, IRSA_CODE_UNAVAILABLE},
        /* STS */
        {"IDPCommunicationError", 400, IRSA_CODE_UNAVAILABLE},
        {"IDPRejectedClaim", 403, IRSA_CODE_CREDENTIALS},
        {"InvalidIdentityToken", 400, IRSA_CODE_CREDENTIALS},
        {"PackedPolicyTooLarge", 400, IRSA_CODE_INVALID},
        {"RegionDisabledException", 403, IRSA_CODE_ACCESS_DENIED},
        /* EKS */
        {"ResourceNotFoundException", 404, IRSA_CODE_NOT_FOUND},
        {"ResourceInUseException", 409, IRSA_CODE_CONFLICT},
        {"ResourceLimitExceededException", 400, IRSA_CODE_QUOTA},
        {"ClientException", 400, IRSA_CODE_INVALID},
        {"InvalidParameterException", 400, IRSA_CODE_INVALID},
        {"InvalidRequestException", 400, IRSA_CODE_INVALID},
        {"ServerException", 500, IRSA_CODE_UNAVAILABLE},
        {"ServiceUnavailableException", 503, IRSA_CODE_UNAVAILABLE},
        /* everywhere */
        {"AccessDenied", 403, IRSA_CODE_ACCESS_DENIED},
        {"AccessDeniedException", 400, IRSA_CODE_ACCESS_DENIED},
        {"NotAuthorized", 400, IRSA_CODE_ACCESS_DENIED},
        {"OptInRequired", 403, IRSA_CODE_ACCESS_DENIED},
        {"UnauthorizedOperation", 403, IRSA_CODE_ACCESS_DENIED},
        {"AuthFailure", 403, IRSA_CODE_CREDENTIALS},
        {"ExpiredToken", 403, IRSA_CODE_CREDENTIALS},
        {"ExpiredTokenException", 400, IRSA_CODE_CREDENTIALS},
        {"IncompleteSignature", 400, IRSA_CODE_CREDENTIALS},
        {"IncompleteSignatureException", 400, IRSA_CODE_CREDENTIALS},
        {"InvalidClientTokenId", 403, IRSA_CODE_CREDENTIALS},
        {"InvalidSignatureException", 403, IRSA_CODE_CREDENTIALS},
        {"MissingAuthenticationToken", 403, IRSA_CODE_CREDENTIALS},
        {"MissingAuthenticationTokenException", 403, IRSA_CODE_CREDENTIALS},
        {"RequestExpired", 400, IRSA_CODE_CREDENTIALS},
        {"RequestTimeTooSkewed", 403, IRSA_CODE_CREDENTIALS},
        {"SignatureDoesNotMatch", 403, IRSA_CODE_CREDENTIALS},
        {"UnrecognizedClientException", 403, IRSA_CODE_CREDENTIALS},
        {"InvalidAction", 400, IRSA_CODE_INVALID},
        {"InvalidParameterCombination", 400, IRSA_CODE_INVALID},
        {"InvalidParameterValue", 400, IRSA_CODE_INVALID},
        {"InvalidQueryParameter", 400, IRSA_CODE_INVALID},
        {"MalformedQueryString", 404, IRSA_CODE_INVALID},
        {"MissingAction", 400, IRSA_CODE_INVALID},
        {"MissingParameter", 400, IRSA_CODE_INVALID},
        {"UnknownOperationException", 404, IRSA_CODE_INVALID},
        {"ValidationException", 400, IRSA_CODE_INVALID},
        /* the throttles, whatever their status */
        {"Throttling", 400, IRSA_CODE_THROTTLED},
        {"ThrottlingException", 400, IRSA_CODE_THROTTLED},
        {"ThrottledException", 400, IRSA_CODE_THROTTLED},
        {"RequestThrottledException", 400, IRSA_CODE_THROTTLED},
        {"TooManyRequestsException", 429, IRSA_CODE_THROTTLED},
        {"ProvisionedThroughputExceededException", 400, IRSA_CODE_THROTTLED},
        {"TransactionInProgressException", 400, IRSA_CODE_THROTTLED},
        {"RequestLimitExceeded", 503, IRSA_CODE_THROTTLED},
        {"BandwidthLimitExceeded", 509, IRSA_CODE_THROTTLED},
        {"LimitExceededException", 400, IRSA_CODE_THROTTLED},
        {"RequestThrottled", 400, IRSA_CODE_THROTTLED},
        {"SlowDown", 503, IRSA_CODE_THROTTLED},
        {"PriorRequestNotComplete", 400, IRSA_CODE_THROTTLED},
        /* short failures, whatever their status */
        {"RequestTimeout", 400, IRSA_CODE_UNAVAILABLE},
        {"RequestTimeoutException", 400, IRSA_CODE_UNAVAILABLE},
        {"InternalFailure", 500, IRSA_CODE_UNAVAILABLE},
        {"InternalError", 400, IRSA_CODE_UNAVAILABLE},
        {"InternalServerError", 400, IRSA_CODE_UNAVAILABLE},
        {"InternalServerException", 400, IRSA_CODE_UNAVAILABLE},
        {"ServiceUnavailable", 400, IRSA_CODE_UNAVAILABLE},
    };
    /* clang-format on */
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_false(irsa_aws_failure(&err, "iam", cases[i].status, cases[i].upstream, "its words"));
        if (err.code != cases[i].code)
            fail_msg("%s is %s", cases[i].upstream, irsa_code_name(err.code));
        assert_string_equal(err.upstream, cases[i].upstream);
        assert_string_equal(err.service, "iam");
    }
}

static void a_code_that_is_new_to_us_is_judged_by_the_status(void **state) {
    (void)state;
    static const struct {
        int status;
        enum irsa_code code, without_code;
    } cases[] = {
        {400, IRSA_CODE_INVALID, IRSA_CODE_UNAVAILABLE},     {403, IRSA_CODE_ACCESS_DENIED, IRSA_CODE_ACCESS_DENIED},
        {404, IRSA_CODE_NOT_FOUND, IRSA_CODE_UNAVAILABLE},   {409, IRSA_CODE_CONFLICT, IRSA_CODE_UNAVAILABLE},
        {413, IRSA_CODE_INVALID, IRSA_CODE_UNAVAILABLE},     {429, IRSA_CODE_THROTTLED, IRSA_CODE_THROTTLED},
        {500, IRSA_CODE_UNAVAILABLE, IRSA_CODE_UNAVAILABLE}, {503, IRSA_CODE_UNAVAILABLE, IRSA_CODE_UNAVAILABLE},
        {302, IRSA_CODE_UNAVAILABLE, IRSA_CODE_UNAVAILABLE},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        irsa_aws_failure(&err, "eks", cases[i].status, "NewException", NULL);
        assert_string_equal(irsa_code_name(err.code), irsa_code_name(cases[i].code));
        irsa_aws_failure(&err, "eks", cases[i].status, NULL, NULL);
        assert_string_equal(irsa_code_name(err.code), irsa_code_name(cases[i].without_code));
        assert_string_equal(err.upstream, "");
        assert_non_null(strstr(err.message, "eks answered with status"));
    }
}

static void the_services_words_are_made_printable_and_cut(void **state) {
    (void)state;
    char words[3000];
    irsa_aws_failure(&err, "iam", 400, "InvalidInput", "one\ntwo\x1b[31m\xff");
    assert_string_equal(err.message, "one\\x0atwo\\x1b[31m\\xff");
    memset(words, 'w', sizeof words);
    words[sizeof words - 1] = '\0';
    irsa_aws_failure(&err, "iam", 400, "InvalidInput", words);
    assert_in_range(strlen(err.message), 1000, 1100);
}

static void words_about_credentials_are_ours(void **state) {
    (void)state;
    irsa_aws_failure(&err, "sts", 400, "IncompleteSignature", "Authorization=AWS4-HMAC-SHA256 Credential=AKIA");
    assert_string_equal(err.message, "sts refused the credentials of this process (IncompleteSignature)");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_code_of_the_services_has_its_meaning),
        cmocka_unit_test(a_code_that_is_new_to_us_is_judged_by_the_status),
        cmocka_unit_test(the_services_words_are_made_printable_and_cut),
        cmocka_unit_test(words_about_credentials_are_ours),
    };
    return RUN_TESTS("errors of AWS are told in our own codes");
}
