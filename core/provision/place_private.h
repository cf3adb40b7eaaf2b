/*
 * What place.c, place_provider.c and place_namespace.c share and nobody else needs.
 */
#ifndef IRSA_PROVISION_PLACE_PRIVATE_H
#define IRSA_PROVISION_PLACE_PRIVATE_H

#include "core/base/arena.h"
#include "core/provision/place.h"

#define IRSA_ABSENT_MS INT64_C(1000) /* of what is missing: long enough for all who ask at the same moment */

struct irsa_places {
    struct irsa_aws *aws;
    const struct irsa_transport *transport;
    const struct irsa_clock *clock;
    struct irsa_cache *clusters;  /* region/cluster -> struct place_entry */
    struct irsa_cache *gone;      /* region/cluster -> a flag, for a second after EKS said that there is none */
    struct irsa_cache *tokens;    /* region/cluster -> text */
    struct irsa_cache *trusts;    /* SHA-256 of the PEM -> struct irsa_trust: survives the refresh of a cluster */
    struct irsa_cache *providers; /* provider ARN -> struct irsa_provider_state */
    struct irsa_cache *makers;    /* provider ARN -> a flag, for a minute after this process made or mended it */
    struct irsa_recent *recent;
    struct irsa_cache *namespaces; /* cluster ARN/namespace -> enum irsa_namespace_state; "make " before it: a flag */
};

/* A fetch on behalf of one attempt. fails as irsa_cache_get */
IRSA_MUST_CHECK bool irsa_visit_get(struct irsa_visit *visit, struct irsa_cache *cache, const char *key,
                                    irsa_cache_load_fn *load, void *self, struct irsa_cache_ref *out_ref,
                                    struct irsa_error *err);

#endif
