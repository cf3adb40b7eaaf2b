/*
 * Hands: which requests a process has in hand, in memory that outlives it, and which of them are suspects after its death.
 *
 * A process that watches makes them, and forks. What is forked writes down what it takes and puts; when it has died by a
 * fault of its own, the watcher blames what was in hand, and forks again: the next one knows the suspects as a copy. The
 * memory that both write is judged by the watcher like any input: a process that dies by a fault may have written there.
 *
 * A suspect is run alone, so that a later death says which one it is. It is one until it has been settled.
 */
#ifndef IRSA_ENGINE_HANDS_H
#define IRSA_ENGINE_HANDS_H

#include <irsa/error.h>
#include <irsa/event.h>

#define IRSA_DEATHS_MAX 3 /* so many deaths, and a request is not tried again */

struct irsa_hands;

/* What is done with a record that is in hand; the engine's own thread accepts and reports. */
enum irsa_hand_use { IRSA_HAND_EMPTY, IRSA_HAND_ACCEPTS, IRSA_HAND_RUNS, IRSA_HAND_REPORTS };

/* Hand 0 is the engine's thread, the others are executors'. fails INTERNAL (no memory that can be shared) */
IRSA_MUST_CHECK struct irsa_hands *irsa_hands_new(unsigned executors, struct irsa_error *err);
void irsa_hands_free(struct irsa_hands *hands);

/* --- in the process that works. NULL: nobody watches, and nobody is a suspect. --- */

/* One thread per hand. The record is not kept. */
void irsa_hands_take(struct irsa_hands *hands, unsigned hand, const struct irsa_record *record, enum irsa_hand_use use);
void irsa_hands_put(struct irsa_hands *hands, unsigned hand);

/*
 * How often a process has died with this record in hand; 0: it is no suspect. Engine's thread.
 *
 * out_may_be_read  false when it would be another death even to read it: it was being read at the last one, or it has
 *                  died more often than it was tried
 */
unsigned irsa_hands_deaths(const struct irsa_hands *hands, const struct irsa_record *record, bool *out_may_be_read);

/* A suspect is settled, and is none any more. Engine's thread. */
void irsa_hands_clear(struct irsa_hands *hands, const struct irsa_record *record);

/* How many there are. Engine's thread. */
size_t irsa_hands_suspects(const struct irsa_hands *hands);
/* How many processes died before this one. Any thread. */
unsigned irsa_hands_restarts(const struct irsa_hands *hands);

/* --- in the process that watches, while none works --- */

/* One has died. By a fault of its own: blame what was in hand. Returns how many requests were. */
size_t irsa_hands_bury(struct irsa_hands *hands, bool is_by_fault);

#endif
