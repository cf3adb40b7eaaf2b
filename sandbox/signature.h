/*
 * Who signed a request: AWS Signature Version 4 verified, in headers and in a presigned URL.
 */
#ifndef IRSA_SANDBOX_SIGNATURE_H
#define IRSA_SANDBOX_SIGNATURE_H

#include "core/httpd/httpd.h"

/* Why a signature is refused. The services say it in words of their own. */
enum irsa_sandbox_refusal {
    IRSA_SANDBOX_ACCEPTED,
    IRSA_SANDBOX_UNSIGNED,    /* MissingAuthenticationToken */
    IRSA_SANDBOX_INCOMPLETE,  /* IncompleteSignature */
    IRSA_SANDBOX_UNKNOWN_KEY, /* InvalidClientTokenId, UnrecognizedClientException */
    IRSA_SANDBOX_WRONG,       /* SignatureDoesNotMatch, InvalidSignatureException */
};

struct irsa_sandbox_signer {
    const char *account_id; /* of the key that is named, accepted or not; NULL: of none */
    bool is_session;        /* the key is a temporary one, of a role's session */
    const char *region;
    const char *service;
    enum irsa_sandbox_refusal refusal;
    const char *reason; /* in the service's words; NULL when accepted */
};

/*
 * Judge the Authorization header. Everything in the result is in the request's arena; account, region and service are
 * also filled for a refused signature, as far as they can be read.
 */
struct irsa_sandbox_signer irsa_sandbox_signature_judge(const struct irsa_httpd_request *request, int64_t now_ms);

/* The presigned form, taken apart. */
struct irsa_sandbox_presigned {
    const char *host;
    const char *path;
    const char *query;        /* as it was sent, still encoded */
    const char *header;       /* the one signed header besides host: its name, in lower case, */
    const char *header_value; /* and its value */
};

/* Judge a presigned GET: signature, date (at most 15 minutes old), X-Amz-Expires within 0 to 900. */
struct irsa_sandbox_signer irsa_sandbox_signature_judge_presigned(struct irsa_arena *arena,
                                                                  const struct irsa_sandbox_presigned *url,
                                                                  int64_t now_ms);

#endif
