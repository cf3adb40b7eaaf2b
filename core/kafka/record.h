/*
 * Keeping records beyond the message they came in.
 */
#ifndef IRSA_KAFKA_RECORD_H
#define IRSA_KAFKA_RECORD_H

#include <irsa/event.h>

/*
 * A copy of everything but the topic's name, which stays borrowed. Key, value, header names and values are followed by a
 * NUL. What is absent (NULL) stays so; what is empty stays empty.
 */
struct irsa_record irsa_record_copy(struct irsa_arena *arena, const struct irsa_record *record);

/* What a copy of it takes, roughly what it takes on the wire. */
size_t irsa_record_bytes(const struct irsa_record *record);

#endif
