/*
 * Reading dead letters, and making requests of them again.
 */
#ifndef IRSA_CONTRACT_DEAD_LETTER_H
#define IRSA_CONTRACT_DEAD_LETTER_H

#include <irsa/event.h>

/*
 * record        the request as it first came: its coordinates, and without the headers that were added
 * code, message why it is here; NULL when it does not say
 * replays       how often it was replayed already
 * is_truncated  only the first part of its value is here
 */
struct irsa_dead_letter {
    struct irsa_record record;
    const char *code;
    const char *message;
    unsigned replays;
    bool is_truncated;
};

/*
 * Read a record of irsa.dead-letters.
 *
 * arena, record  own and lend what `out_letter` points to
 * fails          SCHEMA: it does not say where it came from
 */
IRSA_MUST_CHECK bool irsa_dead_letter_decode(struct irsa_arena *arena, const struct irsa_record *record,
                                             struct irsa_dead_letter *out_letter, struct irsa_error *err);

/*
 * The request once more, for its topic: key, headers and bytes as they were, irsa_replays counted up. A bare message had
 * its id from its coordinates, which will be others: it gets the attributes as headers, so that it stays the same request.
 *
 * event  of the request as it was read; NULL: it could not be, and goes as it is
 * type   the type of a bare message by its action; NULL: it is not bare
 */
void irsa_dead_letter_replay(struct irsa_arena *arena, const struct irsa_dead_letter *letter,
                             const struct irsa_event *event, const char *type, struct irsa_record *out_record);

#endif
