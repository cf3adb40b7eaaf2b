/*
 * Whose the worker's credentials are: asked of STS once, and again after an hour.
 */
#ifndef IRSA_PROVISION_IDENTITY_H
#define IRSA_PROVISION_IDENTITY_H

#include "core/aws/aws.h"

/* One object per process; any thread. */
struct irsa_identity;

struct irsa_worker_identity {
    char account_id[16];
    char role_name[65]; /* "" when the credentials are no role's */
};

/* aws, region and clock are borrowed; the region is where STS is asked. */
struct irsa_identity *irsa_identity_new(struct irsa_aws *aws, const char *region, const struct irsa_clock *clock);
void irsa_identity_free(struct irsa_identity *identity);

/* fails CREDENTIALS, UNAVAILABLE, THROTTLED, TIMEOUT */
IRSA_MUST_CHECK bool irsa_identity_get(struct irsa_identity *identity, struct irsa_attempt *attempt,
                                       struct irsa_worker_identity *out_identity, struct irsa_error *err);

/* Does STS take the credentials now? Asked anew; false also when it does not answer. */
bool irsa_identity_is_accepted(const struct irsa_identity *identity, struct irsa_attempt *attempt);

#endif
