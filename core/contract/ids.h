/*
 * Identifiers of events: UUIDv7 for requests, UUIDv8 made from the request for results (RFC 9562).
 */
#ifndef IRSA_CONTRACT_IDS_H
#define IRSA_CONTRACT_IDS_H

#include <stdbool.h>
#include <stdint.h>

#define IRSA_UUID_BYTES 37 /* text and terminator */

/* Time-ordered, random else. Any thread. */
void irsa_uuid7(int64_t epoch_ms, char out_text[IRSA_UUID_BYTES]);

/*
 * The id of a final result: the same for every repeat of the same request, whatever the outcome.
 * SHA-256 over the fields `final`, source, id and replays, each followed by a NUL; the first 16 bytes with version 8.
 */
void irsa_final_id(const char *source, const char *id, unsigned replays, char out_text[IRSA_UUID_BYTES]);

/* The id of a `retrying` result: the same over `retrying`, source, id, replays and attempt. */
void irsa_retrying_id(const char *source, const char *id, unsigned replays, unsigned attempt,
                      char out_text[IRSA_UUID_BYTES]);

#endif
