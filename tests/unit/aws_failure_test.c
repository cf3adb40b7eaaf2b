#include "core/aws/failure.h"

#include "core/base/arena.h"
#include "tests/support/test.h"

static struct irsa_error err;

static void every_code_of_the_services_has_its_meaning(void **state) {
    (void)state;
    /* clang-format off */
    static const struct { int status; const char *upstream; enum irsa_code code; } cases[] = {
        /* IAM */
        {404, "NoSuchEntity", IRSA_CODE_NOT_FOUND},
        {409, "EntityAlreadyExists", IRSA_CODE_CONFLICT},
        {409, "DeleteConflict", IRSA_CODE_CONFLICT},
        {400, "UnmodifiableEntity", IRSA_CODE_CONFLICT},
        {409, "LimitExceeded", IRSA_CODE_QUOTA},
        {400, "MalformedPolicyDocument", IRSA_CODE_INVALID},
        {400, "InvalidInput", IRSA_CODE_INVALID},
        {400, "ValidationError", IRSA_CODE_INVALID},
        {400, "PolicyNotAttachable", IRSA_CODE_INVALID},
        {409, "ConcurrentModification", IRSA_CODE_UNAVAILABLE},
        {409, "EntityTemporarilyUnmodifiable", IRSA_CODE_UNAVAILABLE},
        {400, "OpenIdIdpCommunicationError", IRSA_CODE_UNAVAILABLE},
        {500, "ServiceFailure", IRSA_CODE_UNAVAILABLE},
        /* STS */
        {400, "IDPCommunicationError", IRSA_CODE_UNAVAILABLE},
        {403, "IDPRejectedClaim", IRSA_CODE_CREDENTIALS},
        {400, "InvalidIdentityToken", IRSA_CODE_CREDENTIALS},
        {400, "PackedPolicyTooLarge", IRSA_CODE_INVALID},
        {403, "RegionDisabledException", IRSA_CODE_ACCESS_DENIED},
        /* EKS */
        {404, "ResourceNotFoundException", IRSA_CODE_NOT_FOUND},
        {409, "ResourceInUseException", IRSA_CODE_CONFLICT},
        {400, "ResourceLimitExceededException", IRSA_CODE_QUOTA},
        {400, "ClientException", IRSA_CODE_INVALID},
        {400, "InvalidParameterException", IRSA_CODE_INVALID},
        {400, "InvalidRequestException", IRSA_CODE_INVALID},
        {500, "ServerException", IRSA_CODE_UNAVAILABLE},
        {503, "ServiceUnavailableException", IRSA_CODE_UNAVAILABLE},
        /* everywhere */
        {403, "AccessDenied", IRSA_CODE_ACCESS_DENIED},
        {400, "AccessDeniedException", IRSA_CODE_ACCESS_DENIED},
        {400, "NotAuthorized", IRSA_CODE_ACCESS_DENIED},
        {403, "OptInRequired", IRSA_CODE_ACCESS_DENIED},
        {403, "UnauthorizedOperation", IRSA_CODE_ACCESS_DENIED},
        {403, "AuthFailure", IRSA_CODE_CREDENTIALS},
        {403, "ExpiredToken", IRSA_CODE_CREDENTIALS},
        {400, "ExpiredTokenException", IRSA_CODE_CREDENTIALS},
        {400, "IncompleteSignature", IRSA_CODE_CREDENTIALS},
        {400, "IncompleteSignatureException", IRSA_CODE_CREDENTIALS},
        {403, "InvalidClientTokenId", IRSA_CODE_CREDENTIALS},
        {403, "InvalidSignatureException", IRSA_CODE_CREDENTIALS},
        {403, "MissingAuthenticationToken", IRSA_CODE_CREDENTIALS},
        {403, "MissingAuthenticationTokenException", IRSA_CODE_CREDENTIALS},
        {400, "RequestExpired", IRSA_CODE_CREDENTIALS},
        {403, "RequestTimeTooSkewed", IRSA_CODE_CREDENTIALS},
        {403, "SignatureDoesNotMatch", IRSA_CODE_CREDENTIALS},
        {403, "UnrecognizedClientException", IRSA_CODE_CREDENTIALS},
        {400, "InvalidAction", IRSA_CODE_INVALID},
        {400, "InvalidParameterCombination", IRSA_CODE_INVALID},
        {400, "InvalidParameterValue", IRSA_CODE_INVALID},
        {400, "InvalidQueryParameter", IRSA_CODE_INVALID},
        {404, "MalformedQueryString", IRSA_CODE_INVALID},
        {400, "MissingAction", IRSA_CODE_INVALID},
        {400, "MissingParameter", IRSA_CODE_INVALID},
        {404, "UnknownOperationException", IRSA_CODE_INVALID},
        {400, "ValidationException", IRSA_CODE_INVALID},
        /* the throttles, whatever their status */
        {400, "Throttling", IRSA_CODE_THROTTLED},
        {400, "ThrottlingException", IRSA_CODE_THROTTLED},
        {400, "ThrottledException", IRSA_CODE_THROTTLED},
        {400, "RequestThrottledException", IRSA_CODE_THROTTLED},
        {429, "TooManyRequestsException", IRSA_CODE_THROTTLED},
        {400, "ProvisionedThroughputExceededException", IRSA_CODE_THROTTLED},
        {400, "TransactionInProgressException", IRSA_CODE_THROTTLED},
        {503, "RequestLimitExceeded", IRSA_CODE_THROTTLED},
        {509, "BandwidthLimitExceeded", IRSA_CODE_THROTTLED},
        {400, "LimitExceededException", IRSA_CODE_THROTTLED},
        {400, "RequestThrottled", IRSA_CODE_THROTTLED},
        {503, "SlowDown", IRSA_CODE_THROTTLED},
        {400, "PriorRequestNotComplete", IRSA_CODE_THROTTLED},
        /* short failures, whatever their status */
        {400, "RequestTimeout", IRSA_CODE_UNAVAILABLE},
        {400, "RequestTimeoutException", IRSA_CODE_UNAVAILABLE},
        {500, "InternalFailure", IRSA_CODE_UNAVAILABLE},
        {400, "InternalError", IRSA_CODE_UNAVAILABLE},
        {400, "InternalServerError", IRSA_CODE_UNAVAILABLE},
        {400, "InternalServerException", IRSA_CODE_UNAVAILABLE},
        {400, "ServiceUnavailable", IRSA_CODE_UNAVAILABLE},
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
        {400, IRSA_CODE_INVALID, IRSA_CODE_INVALID},         {403, IRSA_CODE_ACCESS_DENIED, IRSA_CODE_ACCESS_DENIED},
        {404, IRSA_CODE_NOT_FOUND, IRSA_CODE_UNAVAILABLE},   {409, IRSA_CODE_CONFLICT, IRSA_CODE_UNAVAILABLE},
        {413, IRSA_CODE_INVALID, IRSA_CODE_INVALID},         {429, IRSA_CODE_THROTTLED, IRSA_CODE_THROTTLED},
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
