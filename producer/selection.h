/*
 * Which service accounts of a file are meant: --include and --exclude, globs over namespace/name.
 *
 * An account is taken when it fits some include glob (or there are none) and no exclude glob.
 */
#ifndef IRSA_PRODUCER_SELECTION_H
#define IRSA_PRODUCER_SELECTION_H

#include "core/base/arena.h"
#include "core/base/error.h"

#define IRSA_SELECTION_NAMES 12 /* that an error text lists */

struct irsa_selection {
    struct irsa_arena *arena;
    struct irsa_strings include, exclude;
    bool *has_matched;                       /* include.at[i] has fitted something */
    const char *names[IRSA_SELECTION_NAMES]; /* the first different ones that were seen */
    size_t name_count;
    bool has_more_names;
};

/* fails INVALID: a glob that cannot be read */
IRSA_MUST_CHECK bool irsa_selection_init(struct irsa_selection *selection, struct irsa_arena *arena,
                                         struct irsa_strings include, struct irsa_strings exclude,
                                         struct irsa_error *err);

bool irsa_selection_takes(struct irsa_selection *selection, const char *namespace_name, const char *name);

/* When all have been seen. fails INVALID: an include glob fitted nothing; names what there is */
IRSA_MUST_CHECK bool irsa_selection_finish(const struct irsa_selection *selection, struct irsa_error *err);

#endif
