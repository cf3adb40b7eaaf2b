/*
 * Two worlds of GET /world, field by field: what is different, as a list of paths.
 */
#ifndef IRSA_TESTS_WORLD_DIFF_H
#define IRSA_TESTS_WORLD_DIFF_H

#include "core/base/json.h"

/* A long path and the word that stands for it in the list. */
struct world_alias {
    const char *path;
    const char *word;
};

/*
 * "+path" of what came, "-path" of what went, "~path" of a value that changed; ", " between, "" when the worlds are equal.
 *
 * Things in an array are known by their name (roleName, arn, policyName, metadata.name, field manager), texts by themselves:
 * their order does not count. What differs from moment to moment (resourceVersion, times) is not looked at.
 *
 * aliases  ended by a row of NULL
 */
const char *world_diff(struct irsa_arena *arena, const struct irsa_json *before, const struct irsa_json *after,
                       const struct world_alias *aliases);

#endif
