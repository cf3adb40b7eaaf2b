/*
 * Token buckets: how many calls per second one account or one cluster gets through.
 */
#ifndef IRSA_SANDBOX_THROTTLE_H
#define IRSA_SANDBOX_THROTTLE_H

#include "sandbox/model.h"

struct irsa_sandbox_throttle;

struct irsa_sandbox_throttle *irsa_sandbox_throttle_new(void);
void irsa_sandbox_throttle_free(struct irsa_sandbox_throttle *throttle);

/* Full buckets again. */
void irsa_sandbox_throttle_clear(struct irsa_sandbox_throttle *throttle);

/*
 * May this call pass? Takes a token of the service's bucket and of its reads' or writes'. A bucket holds one second's
 * worth, at least one.
 *
 * owner  account or cluster key; NULL counts as ""
 */
bool irsa_sandbox_throttle_allows(struct irsa_sandbox_throttle *throttle, const struct irsa_sandbox_model *model,
                                  enum irsa_sandbox_service service, bool is_write, const char *owner, int64_t now_ms);

#endif
