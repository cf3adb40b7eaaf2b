/*
 * A request: one iamserviceaccount (or one cluster's OIDC provider) to be created, updated or deleted.
 *
 * The struct is plain data with borrowed text, in the words of eksctl's ClusterConfig. Fill it and enqueue it, or decode
 * it from a record. schemas/request.v1.schema.json is the same contract for other languages.
 */
#ifndef IRSA_REQUEST_H
#define IRSA_REQUEST_H

#include <irsa/event.h>

#ifdef __cplusplus
extern "C" {
#endif

enum irsa_action {
    IRSA_ACTION_CREATE,
    IRSA_ACTION_UPDATE,
    IRSA_ACTION_DELETE,
    IRSA_ACTION_ASSOCIATE_OIDC,
    IRSA_ACTION_COUNT,
};

/* Bits of irsa_service_account.well_known_policies. */
enum irsa_well_known {
    IRSA_WELL_KNOWN_IMAGE_BUILDER = 1u << 0,
    IRSA_WELL_KNOWN_AUTO_SCALER = 1u << 1,
    IRSA_WELL_KNOWN_AWS_LOAD_BALANCER_CONTROLLER = 1u << 2,
    IRSA_WELL_KNOWN_EXTERNAL_DNS = 1u << 3,
    IRSA_WELL_KNOWN_CERT_MANAGER = 1u << 4,
    IRSA_WELL_KNOWN_EBS_CSI_CONTROLLER = 1u << 5,
    IRSA_WELL_KNOWN_EFS_CSI_CONTROLLER = 1u << 6,
};

struct irsa_cluster_name {
    const char *name;
    const char *region;
    const char *account_id; /* 12 digits, or NULL: the account that the worker's credentials lead to */
};

/* One entry of iam.serviceAccounts. NULL or false: the field is absent. */
struct irsa_service_account {
    const char *name;
    const char *namespace_name; /* NULL: "default" */
    struct irsa_pairs labels;
    struct irsa_pairs annotations;
    struct irsa_strings attach_policy_arns;
    const char *attach_policy; /* an IAM policy document as JSON text */
    bool has_well_known_policies;
    uint32_t well_known_policies; /* enum irsa_well_known */
    const char *permissions_boundary;
    const char *role_name;
    bool role_only;
    const char *attach_role_arn;
    struct irsa_pairs tags;
    const char *subject_pattern;
};

struct irsa_options {
    bool override_existing_service_accounts;
    bool with_oidc;
    bool dry_run;
    bool adopt;
    bool cluster_gone;
    const char *expect_role_id; /* delete only if the role still has this RoleId */
    const char *expect_uid;     /* delete only if the service account still has this uid */
};

struct irsa_request {
    struct irsa_event event; /* id, source and time are made up when absent at enqueue */
    enum irsa_action action;
    struct irsa_cluster_name cluster;
    struct irsa_service_account service_account; /* all absent for ASSOCIATE_OIDC */
    struct irsa_options options;
};

/* "create", "update", "delete", "associate-oidc". Static text. */
IRSA_API const char *irsa_action_name(enum irsa_action action);

/* The namespace of the service account, "default" when none is given. */
IRSA_API const char *irsa_request_namespace(const struct irsa_request *request);

/*
 * Read a request from a record: the event, the form of the data (SCHEMA) and the rules for its values (INVALID).
 *
 * arena    owns what `out_request` points to, except what it borrows from the record
 * record   borrowed for as long as the request is used
 * fails    SCHEMA, INVALID, TOO_LARGE; err->at is the JSON pointer of the place. After INVALID `out_request` is filled
 *          as far as it could be read, so that a result can name what was asked for; after others only its event may be.
 * thread   any
 */
IRSA_API IRSA_MUST_CHECK bool irsa_request_decode(struct irsa_arena *arena, const struct irsa_record *record,
                                                  struct irsa_request *out_request, struct irsa_error *err);

/*
 * Judge the values of a request that was made in C by the same rules as irsa_request_decode.
 *
 * fails    INVALID, TOO_LARGE; err->at is the JSON pointer of the place in the encoded data
 */
IRSA_API IRSA_MUST_CHECK bool irsa_request_validate(const struct irsa_request *request, struct irsa_error *err);

/*
 * Write a request as a record in binary mode: headers ce_*, content-type, the JSON data, and the key.
 *
 * request  valid; event.id, event.source and event.time_ms are set (irsa_enqueue does it), event.type, event.subject
 *          and event.partition_key are made from the data
 * topic    borrowed
 * fails    TOO_LARGE
 */
IRSA_API IRSA_MUST_CHECK bool irsa_request_encode(struct irsa_arena *arena, const struct irsa_request *request,
                                                  const char *topic, struct irsa_record *out_record,
                                                  struct irsa_error *err);

/*
 * "<region>/<cluster>/<namespace>/<name>", or "<region>/<cluster>" for ASSOCIATE_OIDC: the key of the record. Two
 * requests for the same service account have the same key, so that they keep their order.
 */
IRSA_API const char *irsa_request_key(struct irsa_arena *arena, const struct irsa_request *request);

/* "<account or ->/<key>". */
IRSA_API const char *irsa_request_subject(struct irsa_arena *arena, const struct irsa_request *request);

#ifdef __cplusplus
}
#endif
#endif
