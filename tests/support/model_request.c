/*
 * A step's request as the JSON that a producer would send.
 */
#include "core/base/arena.h"
#include "tests/support/model_play.h"

#define REQUEST_MAX_BYTES 65536

static void add_member(struct irsa_json_writer *w, const char *object, const char *key, const char *value) {
    if (value == NULL)
        return;
    irsa_json_open_object(w, object);
    irsa_json_add_text(w, key, value);
    irsa_json_close_object(w);
}

static void add_flag(struct irsa_json_writer *w, const char *key, unsigned flag) {
    if (flag)
        irsa_json_add_boolean(w, key, true);
}

static void add_optional(struct irsa_json_writer *w, const char *key, const char *value) {
    if (value != NULL)
        irsa_json_add_text(w, key, value);
}

static void add_metadata(struct irsa_json_writer *w, const struct model_step *step) {
    irsa_json_open_object(w, "metadata");
    irsa_json_add_text(w, "name", model_account_names[step->who]);
    irsa_json_add_text(w, "namespace", MODEL_NAMESPACE);
    add_member(w, "labels", model_field_keys[MODEL_LABEL_TEAM], model_tag_values[step->labels]);
    add_member(w, "annotations", model_field_keys[MODEL_NOTE_NOTE], model_note_values[step->notes]);
    irsa_json_close_object(w);
}

static void add_policies(struct irsa_json_writer *w, const struct model_step *step) {
    if (step->managed != 0) {
        irsa_json_open_array(w, "attachPolicyARNs");
        for (int i = 0; i < MODEL_ASKED; i++)
            if (step->managed >> i & 1)
                irsa_json_add_text(w, NULL, model_policy_arns[i]);
        irsa_json_close_array(w);
    }
    if (step->inline_policy != 0)
        irsa_json_add_raw(w, "attachPolicy", model_inline_documents[step->inline_policy]);
    if (step->well_known != 0) {
        irsa_json_open_object(w, "wellKnownPolicies");
        add_flag(w, "externalDNS", step->well_known & 1);
        add_flag(w, "imageBuilder", step->well_known & 2);
        irsa_json_close_object(w);
    }
}

static void add_account(struct irsa_json_writer *w, const struct model_step *step) {
    irsa_json_open_object(w, "serviceAccount");
    add_metadata(w, step);
    add_policies(w, step);
    add_optional(w, "permissionsBoundary", model_boundaries[step->boundary]);
    add_optional(w, "subjectPattern", model_patterns[step->pattern]);
    add_optional(w, "roleName", step->role_name ? model_role_names[MODEL_SHARED] : NULL);
    add_optional(w, "attachRoleARN", step->attach_role ? MODEL_OTHERS_ROLE : NULL);
    add_flag(w, "roleOnly", step->role_only);
    add_member(w, "tags", model_tag_keys[MODEL_TAG_TEAM], model_tag_values[step->tags]);
    irsa_json_close_object(w);
}

static void add_options(struct irsa_json_writer *w, const struct model_request *request) {
    const struct model_step *step = &request->step;
    irsa_json_open_object(w, "options");
    add_flag(w, "overrideExistingServiceAccounts", step->override);
    add_flag(w, "adopt", step->adopt);
    add_flag(w, "withOIDC", step->with_oidc);
    add_flag(w, "dryRun", step->dry_run);
    add_flag(w, "clusterGone", step->gone);
    if (request->expect_role_id != NULL || request->expect_uid != NULL) {
        irsa_json_open_object(w, "expect");
        add_optional(w, "roleID", request->expect_role_id);
        add_optional(w, "uid", request->expect_uid);
        irsa_json_close_object(w);
    }
    irsa_json_close_object(w);
}

const char *model_request_data(struct irsa_arena *arena, const struct model_request *request) {
    static const char *const ACTIONS[] = {"create", "update", "delete", "associate-oidc"};
    const struct model_step *step = &request->step;
    struct irsa_text text;
    struct irsa_json_writer w;
    irsa_text_init(&text, arena, REQUEST_MAX_BYTES);
    irsa_json_begin(&w, &text);
    irsa_json_open_object(&w, NULL);
    irsa_json_add_text(&w, "action", ACTIONS[step->kind]);
    irsa_json_open_object(&w, "cluster");
    irsa_json_add_text(&w, "name", model_clusters_of[step->who]);
    irsa_json_add_text(&w, "region", "us-west-2");
    irsa_json_close_object(&w);
    if (step->kind != MODEL_ASSOCIATE)
        add_account(&w, step);
    add_options(&w, request);
    irsa_json_close_object(&w);
    return text.at;
}
