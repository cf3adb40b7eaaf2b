/*
 * The table of AWS's error codes (botocore's service models; "Common errors" of the API references).
 */
#include "core/aws/failure.h"

#include <stddef.h>

#include "core/base/arena.h"
#include "core/base/text.h"

#define MESSAGE_BYTES 1024

static const struct {
    const char *upstream;
    enum irsa_code code;
} codes[] = {
    /* IAM */
    {"NoSuchEntity", IRSA_CODE_NOT_FOUND},
    {"EntityAlreadyExists", IRSA_CODE_CONFLICT},
    {"DeleteConflict", IRSA_CODE_CONFLICT},
    {"UnmodifiableEntity", IRSA_CODE_CONFLICT},
    {"LimitExceeded", IRSA_CODE_QUOTA}, /* a quota, unlike LimitExceededException of other services */
    {"MalformedPolicyDocument", IRSA_CODE_INVALID},
    {"InvalidInput", IRSA_CODE_INVALID},
    {"PolicyNotAttachable", IRSA_CODE_INVALID},
    {"ConcurrentModification", IRSA_CODE_UNAVAILABLE},
    {"EntityTemporarilyUnmodifiable", IRSA_CODE_UNAVAILABLE},
    {"OpenIdIdpCommunicationError", IRSA_CODE_UNAVAILABLE},
    {"ServiceFailure", IRSA_CODE_UNAVAILABLE},
    /* STS */
    {"IDPCommunicationError", IRSA_CODE_UNAVAILABLE},
    {"IDPRejectedClaim", IRSA_CODE_CREDENTIALS},
    {"InvalidIdentityToken", IRSA_CODE_CREDENTIALS},
    {"PackedPolicyTooLarge", IRSA_CODE_INVALID},
    {"RegionDisabledException", IRSA_CODE_ACCESS_DENIED},
    /* EKS */
    {"ResourceNotFoundException", IRSA_CODE_NOT_FOUND},
    {"ResourceInUseException", IRSA_CODE_CONFLICT},
    {"ResourceLimitExceededException", IRSA_CODE_QUOTA},
    {"ClientException", IRSA_CODE_INVALID},
    {"InvalidParameterException", IRSA_CODE_INVALID},
    {"InvalidRequestException", IRSA_CODE_INVALID},
    {"ServerException", IRSA_CODE_UNAVAILABLE},
    /* rights */
    {"AccessDenied", IRSA_CODE_ACCESS_DENIED},
    {"AccessDeniedException", IRSA_CODE_ACCESS_DENIED},
    {"NotAuthorized", IRSA_CODE_ACCESS_DENIED},
    {"OptInRequired", IRSA_CODE_ACCESS_DENIED},
    {"UnauthorizedOperation", IRSA_CODE_ACCESS_DENIED},
    /* the credentials themselves */
    {"AuthFailure", IRSA_CODE_CREDENTIALS},
    {"ExpiredToken", IRSA_CODE_CREDENTIALS},
    {"ExpiredTokenException", IRSA_CODE_CREDENTIALS},
    {"IncompleteSignature", IRSA_CODE_CREDENTIALS},
    {"IncompleteSignatureException", IRSA_CODE_CREDENTIALS},
    {"InvalidClientTokenId", IRSA_CODE_CREDENTIALS},
    {"InvalidSignatureException", IRSA_CODE_CREDENTIALS},
    {"MissingAuthenticationToken", IRSA_CODE_CREDENTIALS},
    {"MissingAuthenticationTokenException", IRSA_CODE_CREDENTIALS},
    {"RequestExpired", IRSA_CODE_CREDENTIALS},
    {"RequestTimeTooSkewed", IRSA_CODE_CREDENTIALS},
    {"SignatureDoesNotMatch", IRSA_CODE_CREDENTIALS},
    {"UnrecognizedClientException", IRSA_CODE_CREDENTIALS},
    /* the form of a request */
    {"InvalidAction", IRSA_CODE_INVALID},
    {"InvalidParameterCombination", IRSA_CODE_INVALID},
    {"InvalidParameterValue", IRSA_CODE_INVALID},
    {"InvalidQueryParameter", IRSA_CODE_INVALID},
    {"MalformedQueryString", IRSA_CODE_INVALID},
    {"MissingAction", IRSA_CODE_INVALID},
    {"MissingParameter", IRSA_CODE_INVALID},
    {"UnknownOperationException", IRSA_CODE_INVALID},
    {"ValidationError", IRSA_CODE_INVALID},
    {"ValidationException", IRSA_CODE_INVALID},
    /* too fast: the SDKs' list; 400 at IAM and STS, 429 at EKS */
    {"BandwidthLimitExceeded", IRSA_CODE_THROTTLED},
    {"LimitExceededException", IRSA_CODE_THROTTLED},
    {"PriorRequestNotComplete", IRSA_CODE_THROTTLED},
    {"ProvisionedThroughputExceededException", IRSA_CODE_THROTTLED},
    {"RequestLimitExceeded", IRSA_CODE_THROTTLED},
    {"RequestThrottled", IRSA_CODE_THROTTLED},
    {"RequestThrottledException", IRSA_CODE_THROTTLED},
    {"SlowDown", IRSA_CODE_THROTTLED},
    {"ThrottledException", IRSA_CODE_THROTTLED},
    {"Throttling", IRSA_CODE_THROTTLED},
    {"ThrottlingException", IRSA_CODE_THROTTLED},
    {"TooManyRequestsException", IRSA_CODE_THROTTLED},
    {"TransactionInProgressException", IRSA_CODE_THROTTLED},
    /* not our fault */
    {"InternalError", IRSA_CODE_UNAVAILABLE},
    {"InternalFailure", IRSA_CODE_UNAVAILABLE},
    {"InternalServerError", IRSA_CODE_UNAVAILABLE},
    {"InternalServerException", IRSA_CODE_UNAVAILABLE},
    {"RequestTimeout", IRSA_CODE_UNAVAILABLE},
    {"RequestTimeoutException", IRSA_CODE_UNAVAILABLE},
    {"ServiceUnavailable", IRSA_CODE_UNAVAILABLE},
    {"ServiceUnavailableException", IRSA_CODE_UNAVAILABLE},
};

/*
 * The status of an answer that names no known code. Without any code it was not the service that answered but something on
 * the way: what it refuses is no fault of the request, and says nothing about what exists.
 */
static enum irsa_code code_of_status(int status, bool has_code) {
    switch (status) {
    case 403:
        return IRSA_CODE_ACCESS_DENIED;
    case 429:
        return IRSA_CODE_THROTTLED;
    case 404:
        return has_code ? IRSA_CODE_NOT_FOUND : IRSA_CODE_UNAVAILABLE;
    case 409:
        return has_code ? IRSA_CODE_CONFLICT : IRSA_CODE_UNAVAILABLE;
    default:
        return has_code && status >= 400 && status < 500 ? IRSA_CODE_INVALID : IRSA_CODE_UNAVAILABLE;
    }
}

static enum irsa_code code_of(int status, const char *upstream) {
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (irsa_text_equal(codes[i].upstream, upstream))
            return codes[i].code;
    return code_of_status(status, !irsa_text_is_empty(upstream));
}

bool irsa_aws_failure(struct irsa_error *err, const char *service, int status, const char *upstream,
                      const char *message) {
    char buffer[MESSAGE_BYTES + 1];
    struct irsa_text words;
    enum irsa_code code = code_of(status, upstream);
    irsa_text_init_fixed(&words, buffer, sizeof buffer);
    /* about credentials AWS's own words may quote the request's headers, the session token among them */
    if (code == IRSA_CODE_CREDENTIALS)
        irsa_text_addf(&words, "%s refused the credentials of this process (%s)", service, upstream);
    else if (!irsa_text_is_empty(message))
        irsa_text_add_printable(&words, message, MESSAGE_BYTES);
    else
        irsa_text_addf(&words, "%s answered with status %d and no words of its own", service, status);
    irsa_error_set(err, code, "%s", words.at);
    return irsa_error_from(err, service, upstream == NULL ? "" : upstream);
}

static bool is_among(const char *const *names, size_t count, const char *name) {
    for (size_t i = 0; i < count; i++)
        if (irsa_text_equal(names[i], name))
            return true;
    return false;
}

bool irsa_aws_is_expired(const char *upstream) {
    static const char *const names[] = {"ExpiredToken", "ExpiredTokenException"};
    return is_among(names, sizeof names / sizeof *names, upstream);
}

bool irsa_aws_may_be_skew(const char *upstream) {
    static const char *const names[] = {"RequestTimeTooSkewed", "RequestExpired", "SignatureDoesNotMatch",
                                        "InvalidSignatureException", "AuthFailure"};
    return is_among(names, sizeof names / sizeof *names, upstream);
}
