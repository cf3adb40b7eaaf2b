/*
 * The one error type: what went wrong, where, and what becomes of the message that met it.
 *
 * A failing function returns false and fills the error that its caller keeps on the stack. An error owns nothing, so
 * it can be copied, outlives threads and needs no release. No secret is ever in its text.
 */
#ifndef IRSA_ERROR_H
#define IRSA_ERROR_H

#include <irsa/api.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The disposition of a request that met the error; settling is one switch over these three. */
enum irsa_fate {
    IRSA_FATE_RETRY,  /* transient: try again later */
    IRSA_FATE_REJECT, /* permanent: record the outcome, dead-letter, go on */
    IRSA_FATE_HALT,   /* this process is unfit: stop taking work, commit nothing */
};

/* ROW(CODE, wire name, fate, what it means). The wire name is stable: results and dead letters carry it. */
/* clang-format off */
#define IRSA_ERROR_TABLE(ROW)                                                                                  \
    ROW(SCHEMA,                "schema",                REJECT, "the message does not have the form of its schema")    \
    ROW(INVALID,               "invalid",               REJECT, "a value breaks a rule")                               \
    ROW(TOO_LARGE,             "too_large",             REJECT, "a size is over its bound")                            \
    ROW(GUARDRAIL,             "guardrail",             REJECT, "no rule of the guardrails allows this request")       \
    ROW(UNSIGNED,              "unsigned",              REJECT, "the signature is missing, wrong or too old")          \
    ROW(CLUSTER_NOT_FOUND,     "cluster_not_found",     REJECT, "EKS knows no such cluster")                           \
    ROW(OIDC_PROVIDER_MISSING, "oidc_provider_missing", REJECT, "the cluster has no OIDC provider in IAM")             \
    ROW(CONFLICT,              "conflict",              REJECT, "the resource exists and is not ours to change")       \
    ROW(NOT_FOUND,             "not_found",             REJECT, "there is nothing of ours to change")                  \
    ROW(QUOTA,                 "quota",                 REJECT, "a quota of the account is used up")                   \
    ROW(ACCESS_DENIED,         "access_denied",         REJECT, "the worker may not do this")                          \
    ROW(INTERNAL,              "internal",              REJECT, "a fault of this program")                             \
    ROW(CLUSTER_NOT_READY,     "cluster_not_ready",     RETRY,  "the cluster is being created or is unreachable yet")  \
    ROW(THROTTLED,             "throttled",             RETRY,  "the service asked us to slow down")                   \
    ROW(UNAVAILABLE,           "unavailable",           RETRY,  "the service failed or could not be reached")          \
    ROW(TIMEOUT,               "timeout",               RETRY,  "the deadline passed")                                 \
    ROW(CREDENTIALS,           "credentials",           HALT,   "this process has no usable credentials")              \
    ROW(CONFIG,                "config",                HALT,   "the settings are invalid")
/* clang-format on */

enum irsa_code {
    IRSA_CODE_NONE,
#define IRSA_CODE_ROW(code, name, fate, text) IRSA_CODE_##code,
    IRSA_ERROR_TABLE(IRSA_CODE_ROW)
#undef IRSA_CODE_ROW
        IRSA_CODE_COUNT
};

struct irsa_error {
    enum irsa_code code;
    int64_t retry_after_ms; /* what the service asked us to wait; 0 if it did not say */
    unsigned line, column;  /* place in a file, from 1; 0 if there is none */
    char service[16];       /* "iam", "sts", "eks", "kubernetes", "kafka", or "" */
    char upstream[64];      /* the service's own code, such as NoSuchEntity, or "" */
    char at[512];           /* JSON pointer (RFC 6901) of the offending value, or ""; may hold what others wrote */
    char message[1536];     /* for people: what, and how to mend it; UTF-8 without control characters */
};

/* The wire name of a code ("access_denied"), "" for IRSA_CODE_NONE. Static text. */
IRSA_API const char *irsa_code_name(enum irsa_code code);

/* The code of a wire name, IRSA_CODE_NONE when there is no such code. */
IRSA_API enum irsa_code irsa_code_find(const char *name);

/* What the code means, in one line for people. Static text. */
IRSA_API const char *irsa_code_meaning(enum irsa_code code);

IRSA_API enum irsa_fate irsa_code_fate(enum irsa_code code);

#ifdef __cplusplus
}
#endif
#endif
