/*
 * The tables behind a request, for readers of other files in the same words (ClusterConfig).
 */
#ifndef IRSA_CONTRACT_REQUEST_H
#define IRSA_CONTRACT_REQUEST_H

#include <irsa/request.h>

#include "core/contract/fields.h"

#define IRSA_MANAGED_POLICIES_MAX 25    /* of a role, the highest that AWS grants */
#define IRSA_INLINE_POLICY_MAX    10240 /* characters without white space */
#define IRSA_TAGS_MAX             46    /* of a role: 50, of which four are ours */
#define IRSA_SUBJECT_MAX          255   /* characters of system:serviceaccount:<namespace>:<name> */

/* One entry of iam.serviceAccounts, into struct irsa_service_account. */
extern const struct irsa_fields irsa_service_account_fields;

/* The same as a ClusterConfig has it: `status`, which eksctl prints, is passed over, and null is absent. */
extern const struct irsa_fields irsa_config_account_fields;

/* The options of a request, into struct irsa_options. */
extern const struct irsa_fields irsa_options_fields;

/* The request data without its event, into struct irsa_request. */
extern const struct irsa_fields irsa_request_fields;

/*
 * Read a request's data that is already parsed, without an event around it.
 *
 * out_request  its event is left as it is
 * fails        SCHEMA, INVALID, as irsa_request_decode
 */
IRSA_MUST_CHECK bool irsa_request_decode_data(struct irsa_arena *arena, const struct irsa_json *data,
                                              struct irsa_request *out_request, struct irsa_error *err);

/*
 * The form of an inline policy: keys, types, at least one statement. What actions and resources mean is IAM's to judge. An
 * empty object is fine, and so is NULL: there is no policy.
 *
 * pointer  of the policy, for errors: the place is below it
 * fails    SCHEMA, INVALID
 */
IRSA_MUST_CHECK bool irsa_policy_check(const struct irsa_json *policy, const char *pointer, struct irsa_error *err);

/*
 * Judge what the fields of one entry of iam.serviceAccounts say together, and beside the cluster's region and the action.
 * Before it come irsa_policy_check and irsa_fields_check.
 *
 * pointer  of the entry, for errors: the place is below it
 * fails    INVALID
 */
IRSA_MUST_CHECK bool irsa_service_account_check(const struct irsa_service_account *account, const char *region,
                                                enum irsa_action action, const char *pointer, struct irsa_error *err);

/* Tags of a role: no reserved keys, no key twice. `pointer` is theirs. fails INVALID */
IRSA_MUST_CHECK bool irsa_tags_check(const struct irsa_pairs *tags, const char *pointer, struct irsa_error *err);

/* Judge whether a request has what its action needs, and no option that it cannot honour. fails SCHEMA, INVALID */
IRSA_MUST_CHECK bool irsa_request_check(const struct irsa_request *request, struct irsa_error *err);

/* The data of a request as JSON. */
void irsa_request_write_data(const struct irsa_request *request, struct irsa_json_writer *w);

/* "dev.irsa.iamserviceaccount.create.requested.v1". Static text. */
const char *irsa_request_type(enum irsa_action action);

/* The well-known policies' keys in the order of their bits, ended by NULL. */
extern const char *const irsa_well_known_names[];

/* The characters of the inline documents that these bits stand for, white space left out. */
size_t irsa_well_known_characters(uint32_t flags, const char *partition);

/* Was the record put under the key of its request? A record without a key counts as misplaced. */
bool irsa_request_is_keyed(const struct irsa_record *record, const char *key);

#define IRSA_REPLAYS_HEADER "irsa_replays" /* how often a request was replayed from the dead letters */

/* The number in that header, 0 when it is absent or no number. */
unsigned irsa_request_replays(const struct irsa_record *record);

#endif
