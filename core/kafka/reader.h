/*
 * Reader: follows a topic without a group, from an offset or a time, for irsactl. One thread.
 */
#ifndef IRSA_KAFKA_READER_H
#define IRSA_KAFKA_READER_H

#include <irsa/event.h>

struct irsa_reader;

enum irsa_reader_start { IRSA_READER_BEGINNING, IRSA_READER_END, IRSA_READER_TIME };

/*
 * Attach to every partition of a topic. Where IRSA_READER_END is asked for, the end offsets are fixed before this
 * returns: what is produced afterwards will be seen.
 *
 * fails    CONFIG, UNAVAILABLE, NOT_FOUND (no such topic), ACCESS_DENIED
 */
IRSA_MUST_CHECK struct irsa_reader *irsa_reader_open(struct irsa_pairs kafka, const char *topic,
                                                     enum irsa_reader_start start, int64_t since_ms, int timeout_ms,
                                                     struct irsa_error *err);
void irsa_reader_close(struct irsa_reader *reader);

enum irsa_reader_state { IRSA_READER_RECORD, IRSA_READER_NOTHING, IRSA_READER_CAUGHT_UP, IRSA_READER_FAILED };

/*
 * The next record, copied into the arena but for its topic's name, which lives as long as the reader. CAUGHT_UP: every
 * partition has reached the end that it had at open; told once.
 */
enum irsa_reader_state irsa_reader_next(struct irsa_reader *reader, struct irsa_arena *arena, int timeout_ms,
                                        struct irsa_record *out_record, struct irsa_error *err);

#endif
