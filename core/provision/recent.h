/*
 * What this process has written to roles within the last minute.
 *
 * IAM's lists lag behind its writes. Adding again what a list does not show yet is harmless, but what a list does not show
 * would not be removed: so removals are planned against what is observed and what was just written, taken together.
 */
#ifndef IRSA_PROVISION_RECENT_H
#define IRSA_PROVISION_RECENT_H

#include "core/base/arena.h"
#include "core/base/clock.h"

#define IRSA_RECENT_MS INT64_C(60000)

enum irsa_written { IRSA_WRITTEN_MANAGED, IRSA_WRITTEN_INLINE, IRSA_WRITTEN_KINDS };

/* One mutex inside; any thread. At most as many entries as a minute of writes. */
struct irsa_recent;

struct irsa_recent *irsa_recent_new(const struct irsa_clock *clock);
void irsa_recent_free(struct irsa_recent *recent);

/* A policy was attached or put: its ARN or name. */
void irsa_recent_note(struct irsa_recent *recent, const char *role_arn, enum irsa_written kind, const char *policy);

/* It was detached or deleted again. */
void irsa_recent_forget(struct irsa_recent *recent, const char *role_arn, enum irsa_written kind, const char *policy);

/* Copies, in the arena. */
struct irsa_strings irsa_recent_list(struct irsa_recent *recent, struct irsa_arena *arena, const char *role_arn,
                                     enum irsa_written kind);

#endif
