/*
 * Letters: the dead letters that a command is about, and which of them it makes sense to try again.
 */
#ifndef IRSA_PRODUCER_LETTERS_H
#define IRSA_PRODUCER_LETTERS_H

#include "core/contract/dead_letter.h"
#include "producer/session.h"

#define IRSA_LETTERS_MAX       100000
#define IRSA_LETTERS_MAX_BYTES ((size_t)256 * 1024 * 1024)

/*
 * One request among the dead letters; of several letters of one request the newest.
 *
 * event     always with id and source
 * type      as irsa_dead_letter_replay() wants it
 * own_key   of the request itself, which may not be that of its record; NULL: it is not valid
 * is_read   it could be read: what cannot fails again
 * time_ms   when it became a dead letter
 * why_not   NULL: it may be tried again
 */
struct irsa_letter {
    struct irsa_dead_letter dead;
    struct irsa_event event;
    const char *type;
    const char *key; /* of the record; "" if there is none */
    const char *own_key;
    bool is_read;
    int64_t time_ms;
    const char *why_not;
};

/* In the order in which they became dead letters, as far as their keys go. All of it is in the session's arena. */
struct irsa_letters {
    struct irsa_letter **at;
    size_t count;
    size_t unread; /* records of the topic that are no dead letters */
};

/*
 * Read what there is, and keep what is asked for: operands are ids, then --batch, --code, --key and --since.
 *
 * fails    INVALID (a flag; more letters than IRSA_LETTERS_MAX), or as the reader
 */
IRSA_MUST_CHECK bool irsa_letters_read(const struct irsa_session *session, struct irsa_letters *out_letters,
                                       struct irsa_error *err);

/*
 * Fill in why_not, by what the results say: overtaken by a later request of the same key that succeeded, or succeeded itself
 * since; and what cannot succeed: cut short, or not readable.
 *
 * fails    as the reader
 */
IRSA_MUST_CHECK bool irsa_letters_judge(const struct irsa_session *session, struct irsa_letters *letters,
                                        struct irsa_error *err);

#endif
