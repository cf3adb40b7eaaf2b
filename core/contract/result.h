/*
 * Writing results, state and dead letters.
 */
#ifndef IRSA_CONTRACT_RESULT_H
#define IRSA_CONTRACT_RESULT_H

#include <irsa/result.h>

/* Where the records go, and in whose name. */
struct irsa_result_context {
    const char *results_topic;
    const char *state_topic;
    const char *dead_letters_topic;
    const char *group_id;
};

bool irsa_outcome_has_dead_letter(enum irsa_outcome outcome);
bool irsa_outcome_has_state(enum irsa_outcome outcome);

/*
 * The result's record: binary CloudEvent, keyed by the request's key. At most IRSA_RESULT_MAX_BYTES by construction:
 * at most 200 steps ("stepsOmitted" counts the others), messages cut.
 *
 * key    the key of the record (the request's own), may be NULL
 * The subject is left out where it is none (irsa_rule_subject): a request that breaks the rules may have such names.
 */
void irsa_result_encode(struct irsa_arena *arena, const struct irsa_result *result,
                        const struct irsa_result_context *context, const void *key, size_t key_length,
                        struct irsa_record *out_record);

/*
 * The record of irsa.state, keyed by the subject: the result data, `spec` and `observed`; a tombstone after a delete
 * that left nothing.
 *
 * result   has a subject that is one (irsa_rule_subject)
 * request  what was applied, or tried; NULL: nothing was, since it broke the rules; borrowed
 */
void irsa_state_encode(struct irsa_arena *arena, const struct irsa_result *result, const struct irsa_request *request,
                       const struct irsa_result_context *context, struct irsa_record *out_record);

/*
 * The dead letter: the record as it came, with headers that say why added behind its own (__dlq.errors.*,
 * irsa_error_code, irsa_attempts). Older headers of these names are dropped, so that replays do not pile them up.
 */
void irsa_dead_letter_encode(struct irsa_arena *arena, const struct irsa_record *record,
                             const struct irsa_result *result, const struct irsa_result_context *context,
                             struct irsa_record *out_record);

/* The same cut to its first 64 KiB, with irsa_truncated: for a broker that refuses the whole. */
void irsa_dead_letter_truncate(struct irsa_arena *arena, const struct irsa_record *dead_letter,
                               struct irsa_record *out_record);

#endif
