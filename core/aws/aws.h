/*
 * What every call to AWS goes through: credentials, endpoint, signing, retry in place, errors, counting.
 */
#ifndef IRSA_AWS_H
#define IRSA_AWS_H

#include "core/aws/sigv4.h"
#include "core/base/arena.h"
#include "core/base/cancel.h"
#include "core/base/clock.h"
#include "core/http/http.h"

enum irsa_aws_service { IRSA_AWS_IAM, IRSA_AWS_STS, IRSA_AWS_EKS, IRSA_AWS_SERVICE_COUNT };

/* Credentials of this process, wiped when freed. */
struct irsa_credentials {
    char access_key_id[132];
    char secret_access_key[132];
    char session_token[4096]; /* "" for long-term keys */
    int64_t expires_ms;       /* IRSA_NO_TIME: never */
};

/*
 * Where credentials come from: one small table per source (environment; later files, web identity, container, IMDS).
 *
 * fails    CREDENTIALS
 * thread   any
 */
struct irsa_credentials_source {
    bool (*fetch)(void *self, struct irsa_credentials *out_credentials, struct irsa_error *err);
    void *self;
};

/* AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN. Static. */
const struct irsa_credentials_source *irsa_credentials_environment(void);

/*
 * Settings of the SDKs: AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_IAM, _STS, _EKS, AWS_IGNORE_CONFIGURED_ENDPOINT_URLS,
 * AWS_USE_FIPS_ENDPOINT, AWS_USE_DUALSTACK_ENDPOINT.
 */
struct irsa_aws_endpoints {
    const char *url[IRSA_AWS_SERVICE_COUNT]; /* may have a path; NULL: the service's own host */
    bool use_fips, use_dual_stack;           /* of the services' own hosts */
};

/* From the environment, borrowed from it. fails CONFIG (a URL that cannot be used) */
IRSA_MUST_CHECK bool irsa_aws_endpoints_read(struct irsa_aws_endpoints *out_endpoints, struct irsa_error *err);

/* The client. Immutable after it is made, but for its credentials, which a mutex guards: any thread. */
struct irsa_aws;

struct irsa_aws_options {
    const struct irsa_transport *transport;
    const struct irsa_clock *clock;
    const struct irsa_credentials_source *credentials;
    struct irsa_aws_endpoints endpoints;
    const char *user_agent_extra; /* AWS_SDK_UA_APP_ID; NULL: none */
};

struct irsa_aws *irsa_aws_new(const struct irsa_aws_options *options);
void irsa_aws_free(struct irsa_aws *aws);

/* Copy the credentials, fetching them if they are absent or about to expire (5 minutes). fails CREDENTIALS */
IRSA_MUST_CHECK bool irsa_aws_credentials(struct irsa_aws *aws, struct irsa_credentials *out_credentials,
                                          struct irsa_error *err);

/* After ExpiredToken: the next call fetches anew. */
void irsa_aws_credentials_forget(struct irsa_aws *aws);

/*
 * What came of one call.
 *
 * service, action  "iam", "CreateRole"; literals
 * status           0: no answer
 * code             how the answer was judged, IRSA_CODE_NONE: as a success. AWS's status alone does not tell a throttle
 */
struct irsa_called {
    const char *service, *action;
    int status;
    enum irsa_code code;
    int64_t duration_ms;
};

/*
 * One attempt at a request of ours, as the clients see it: what bounds its calls, and where they are counted.
 * Owned by one thread.
 */
struct irsa_attempt {
    struct irsa_arena *arena;
    const struct irsa_clock *clock;
    const struct irsa_cancel *cancel; /* may be NULL */
    int64_t deadline_ms;              /* monotonic, of the whole attempt */
    /*
     * Told of every call that was begun, for results' "calls", metrics and limits. A call that libcurl had to send twice
     * (http.h) is told of once. May be NULL.
     */
    void (*called)(void *self, const struct irsa_called *call);
    void *self;
    bool (*may_call)(const void *holder); /* calls wait while it says no; NULL: always */
    const void *holder;
    const char *last_request_id; /* x-amzn-RequestId of the last answer, or NULL */
    unsigned repeats;            /* calls that were sent again in place: the try before may have had its effect */
};

/* Looked at before every call; waits while may_call() says no. False when cancelled or over the deadline. fails UNAVAILABLE, TIMEOUT */
IRSA_MUST_CHECK bool irsa_attempt_may_go_on(const struct irsa_attempt *attempt, struct irsa_error *err);

#endif
