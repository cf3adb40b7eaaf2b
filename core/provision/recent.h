/*
 * What this process has written to roles within the last minute.
 *
 * IAM's readers lag behind its writers. What a list does not show yet would not be removed, and what it still shows would
 * not be put back: so plans are made against what is observed and what was just written, taken together. A call whose
 * answer was lost may have had its effect or not: then both are possible.
 */
#ifndef IRSA_PROVISION_RECENT_H
#define IRSA_PROVISION_RECENT_H

#include "core/base/arena.h"
#include "core/base/clock.h"

#define IRSA_RECENT_MS INT64_C(60000)

/* What is written, and its key: a policy's ARN or name, "", "", a tag's key, a role's id. Values of documents are digests. */
enum irsa_written {
    IRSA_WRITTEN_MANAGED,
    IRSA_WRITTEN_INLINE,
    IRSA_WRITTEN_TRUST,
    IRSA_WRITTEN_BOUNDARY,
    IRSA_WRITTEN_TAG,
    IRSA_WRITTEN_ROLE, /* of that id: made or gone */
    IRSA_WRITTEN_KINDS
};

#define IRSA_WRITTEN_ATTACHED "attached" /* the value of a managed policy */
#define IRSA_WRITTEN_MADE     "made"     /* and those of a role */
#define IRSA_WRITTEN_GONE     "gone"

/* One mutex inside; any thread. At most as many entries as a minute of writes. */
struct irsa_recent;

struct irsa_recent *irsa_recent_new(const struct irsa_clock *clock);
void irsa_recent_free(struct irsa_recent *recent);

/* Before the call: from now on the value may be there; NULL: nothing may be there. */
void irsa_recent_note(struct irsa_recent *recent, const char *role_arn, enum irsa_written kind, const char *key,
                      const char *value);

/* The call succeeded: what was noted last is there, and what was noted before it is not. Or it was refused: it did nothing. */
void irsa_recent_settle(struct irsa_recent *recent, const char *role_arn, enum irsa_written kind, const char *key,
                        bool is_done);

/* The role is gone, and a new one of its name begins afresh; but for the ids of both. */
void irsa_recent_forget(struct irsa_recent *recent, const char *role_arn);

/* What may be there by what was written: copies, in the arena, the last written first. A key may stand several times. */
struct irsa_pairs irsa_recent_list(struct irsa_recent *recent, struct irsa_arena *arena, const char *role_arn,
                                   enum irsa_written kind);

/* What stands for a document among the values. */
const char *irsa_recent_digest(struct irsa_arena *arena, const char *document);

#endif
