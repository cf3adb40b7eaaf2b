/*
 * wellKnownPolicies: what the seven keys stand for. The documents are the files in core/provision/policies/, compiled in.
 */
#ifndef IRSA_PROVISION_WELL_KNOWN_H
#define IRSA_PROVISION_WELL_KNOWN_H

#include "core/base/arena.h"

#define IRSA_WELL_KNOWN_MAX 7

/* The managed policy of one bit of enum irsa_well_known in a partition; NULL when it is an inline one, or for no bit. */
const char *irsa_well_known_arn(struct irsa_arena *arena, unsigned bit, const char *partition);

/* The inline document of a bit with the partition filled in; NULL when it is a managed one, or for no bit. */
const char *irsa_well_known_document(struct irsa_arena *arena, unsigned bit, const char *partition);

/* "irsa-autoScaler"; NULL for a managed one. Static text. */
const char *irsa_well_known_inline_name(unsigned bit);

/* Is it the name of an inline policy, or the ARN of a managed one, that a well-known key makes? */
bool irsa_well_known_is_inline(const char *policy_name);
bool irsa_well_known_is_managed(const char *policy_arn);

#endif
