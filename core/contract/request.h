/*
 * The tables behind a request, for readers of other files in the same words (ClusterConfig).
 */
#ifndef IRSA_CONTRACT_REQUEST_H
#define IRSA_CONTRACT_REQUEST_H

#include <irsa/request.h>

#include "core/contract/fields.h"

/* One entry of iam.serviceAccounts, into struct irsa_service_account. */
extern const struct irsa_fields irsa_service_account_fields;

/* The request data without its event, into struct irsa_request. */
extern const struct irsa_fields irsa_request_fields;

/*
 * Read a request's data that is already parsed, without an event around it.
 *
 * fails    SCHEMA, INVALID, as irsa_request_decode
 */
IRSA_MUST_CHECK bool irsa_request_decode_data(struct irsa_arena *arena, const struct irsa_json *data,
                                              struct irsa_request *out_request, struct irsa_error *err);

/* The data of a request as JSON. */
void irsa_request_write_data(const struct irsa_request *request, struct irsa_json_writer *w);

/* "dev.irsa.iamserviceaccount.create.requested.v1". Static text. */
const char *irsa_request_type(enum irsa_action action);

/* The well-known policies' keys in the order of their bits, ended by NULL. */
extern const char *const irsa_well_known_names[];

/* Was the record put under the key of its request? A record without a key counts as misplaced. */
bool irsa_request_is_keyed(const struct irsa_record *record, const char *key);

/* The number in the header irsa_replays, 0 when it is absent or no number. */
unsigned irsa_request_replays(const struct irsa_record *record);

#endif
