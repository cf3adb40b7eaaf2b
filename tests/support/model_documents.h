/*
 * The documents of the provisioning model test, as IAM gives them back: written down here, not made by the code under test.
 */
#ifndef IRSA_TESTS_MODEL_DOCUMENTS_H
#define IRSA_TESTS_MODEL_DOCUMENTS_H

#include "tests/support/model_rules.h"

/* pattern 0: exactly the account's name */
const char *model_trust(struct irsa_arena *arena, const char *issuer, unsigned who, unsigned pattern);

/* Of wellKnownPolicies' externalDNS: the data file's. */
const char *model_dns_document(struct irsa_arena *arena);

/* What others write. */
extern const char model_by_hand[];
extern const char model_others_trust[];

#endif
