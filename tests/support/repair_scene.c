/*
 * The sandbox's world and log of calls, as texts that a test compares.
 */
#include "tests/support/repair_scene.h"

#include "core/base/arena.h"
#include "core/base/text.h"
#include "core/contract/names.h"
#include "tests/support/test.h"

#define TEXT_MAX 8192

/* What is beside the pair, and must stay as it is. */
#define BYSTANDERS                                                                                                     \
    "{'accounts':{'" REPAIR_ACCOUNT "':{'roles':[{'roleName':'a-persons','tags':{'owner':'somebody'},"                 \
    "'attachedPolicies':['" REPAIR_POLICY "AdministratorAccess'],'inlinePolicies':{'theirs':" REPAIR_ALLOW(            \
        "s3:*") "}}],'oidcProviders':[{'url':'https://token.example.com','clientIDs':['theirs']}]}},"                  \
                "'clusters':{'us-west-2/"                                                                              \
                "cluster-13':{'serviceAccounts':[{'metadata':{'name':'a-persons','namespace':'theirs',"                \
                "'annotations':{'note':'y'}}}]}}}"
#define NEIGHBOUR(cluster)                                                                                             \
    "{'action':'create','cluster':{'name':'" cluster "','region':'us-west-2'},'serviceAccount':{'metadata':{"          \
    "'name':'neighbour','namespace':'neighbours'},'attachPolicyARNs':['" REPAIR_POLICY "AmazonS3ReadOnlyAccess']},"    \
    "'options':{'withOIDC':true}}"

const struct irsa_json *repair_world(struct stage *stage) {
    return stage_control(stage, "GET", "/world", NULL);
}

static const struct irsa_json *first_role_with(struct stage *stage, const char *service_account) {
    const struct irsa_json *roles = irsa_json_at(repair_world(stage), "/accounts/" REPAIR_ACCOUNT "/roles");
    for (const struct irsa_json *role = roles->first; role != NULL; role = role->next)
        if (irsa_text_equal(irsa_json_get_text(irsa_json_get(role, "tags"), "irsa.dev/service-account"),
                            service_account))
            return role;
    return NULL;
}

static const struct irsa_json *account_of(struct stage *stage) {
    const struct irsa_json *accounts =
        irsa_json_at(repair_world(stage), "/clusters/us-west-2~1cluster-13/serviceAccounts");
    for (const struct irsa_json *account = accounts->first; account != NULL; account = account->next)
        if (irsa_text_equal(irsa_json_get_text(irsa_json_get(account, "metadata"), "name"), "s3-reader"))
            return irsa_json_get(account, "metadata");
    return NULL;
}

const char *repair_json(struct stage *stage, const char *text) {
    const char *word = strstr(text, "$DNS");
    char *copy = irsa_arena_copy(stage->arena, text);
    for (char *c = copy; *c != '\0'; c++)
        *c = (char)(*c == '\'' ? '"' : *c);
    if (word == NULL)
        return copy;
    const struct irsa_json *role = first_role_with(stage, "apps/s3-reader");
    return irsa_arena_format(
        stage->arena, "%.*s%s%s", (int)(word - text), copy,
        irsa_json_to_text(stage->arena, irsa_json_get(irsa_json_get(role, "inlinePolicies"), "irsa-externalDNS")),
        copy + (word - text) + strlen("$DNS"));
}

struct irsa_result repair_deliver(struct stage *stage, const char *request, int64_t offset) {
    return stage_must_deliver(stage, repair_json(stage, request), offset);
}

void repair_put(struct stage *stage, const char *changes) {
    stage_control(stage, "PUT", "/world", repair_json(stage, changes));
}

void repair_put_bystanders(struct stage *stage) {
    repair_put(stage, BYSTANDERS);
    repair_deliver(stage, NEIGHBOUR("cluster-13"), 100);
    repair_deliver(stage, NEIGHBOUR("cluster-14"), 101);
}

const struct irsa_json *repair_set_the_scene(struct stage *stage) {
    repair_put_bystanders(stage);
    repair_deliver(stage, REPAIR_CREATE, 1);
    return repair_world(stage);
}

/* --- what is said and done ---------------------------------------------------------------------------------------------- */

const char *repair_steps(struct stage *stage, const struct irsa_result *result) {
    static const char *const ONLY[] = {
        "create-role",          "tag-role",     "update-trust-policy",    "apply-service-account",
        "create-oidc-provider", "add-audience", "delete-service-account", "delete-role"};
    struct irsa_text text;
    irsa_text_init(&text, stage->arena, TEXT_MAX);
    for (size_t i = 0; i < result->step_count; i++) {
        bool is_only = false;
        for (size_t j = 0; j < COUNT_OF(ONLY); j++)
            is_only = is_only || strcmp(ONLY[j], result->steps[i].name) == 0;
        irsa_text_addf(&text, "%s%s%s%s", i == 0 ? "" : ", ", result->steps[i].name, is_only ? "" : " ",
                       is_only ? "" : irsa_arn_name(result->steps[i].target));
        assert_true(result->steps[i].changed);
    }
    return text.at;
}

static const char *call_of(const char *step) {
    static const struct {
        const char *step, *call;
    } CALLS[] = {{"create-oidc-provider", "iam.CreateOpenIDConnectProvider"},
                 {"add-audience", "iam.AddClientIDToOpenIDConnectProvider"},
                 {"create-namespace", "kubernetes.create-namespace"},
                 {"create-role", "iam.CreateRole"},
                 {"update-trust-policy", "iam.UpdateAssumeRolePolicy"},
                 {"put-permissions-boundary", "iam.PutRolePermissionsBoundary"},
                 {"tag-role", "iam.TagRole"},
                 {"attach-policy", "iam.AttachRolePolicy"},
                 {"put-inline-policy", "iam.PutRolePolicy"},
                 {"detach-policy", "iam.DetachRolePolicy"},
                 {"delete-inline-policy", "iam.DeleteRolePolicy"},
                 {"apply-service-account", "kubernetes.apply"},
                 {"delete-service-account", "kubernetes.delete"},
                 {"delete-role", "iam.DeleteRole"}};
    for (size_t i = 0; i < COUNT_OF(CALLS); i++)
        if (strcmp(CALLS[i].step, step) == 0)
            return CALLS[i].call;
    fail_msg("what does the step %s call?", step);
    return NULL;
}

static bool is_read(const char *action) {
    return irsa_text_starts_with(action, "Get") || irsa_text_starts_with(action, "List") ||
           irsa_text_starts_with(action, "Describe") || irsa_text_starts_with(action, "get");
}

const char *repair_writes(struct stage *stage) {
    struct irsa_text text;
    int64_t status;
    irsa_text_init(&text, stage->arena, TEXT_MAX);
    const struct irsa_json *log = irsa_json_get(stage_control(stage, "GET", "/calls", NULL), "log");
    for (const struct irsa_json *call = log->first; call != NULL; call = call->next) {
        const char *action = irsa_json_get_text(call, "action");
        if (!is_read(action) && irsa_json_integer(irsa_json_get(call, "status"), &status) && status / 100 == 2)
            irsa_text_addf(&text, "%s%s.%s", text.length == 0 ? "" : ", ", irsa_json_get_text(call, "service"), action);
    }
    return text.at;
}

const char *repair_calls(struct stage *stage, const struct irsa_result *result) {
    struct irsa_text text;
    irsa_text_init(&text, stage->arena, TEXT_MAX);
    for (size_t i = 0; i < result->step_count; i++)
        irsa_text_addf(&text, "%s%s", i == 0 ? "" : ", ", call_of(result->steps[i].name));
    return text.at;
}

const char *repair_joined(struct stage *stage, struct irsa_strings strings) {
    struct irsa_text text;
    irsa_text_init(&text, stage->arena, TEXT_MAX);
    for (size_t i = 0; i < strings.count; i++)
        irsa_text_addf(&text, "%s%s", i == 0 ? "" : ", ", strings.at[i]);
    return text.at;
}

void repair_check_facts(struct stage *stage, const struct irsa_result *result) {
    const struct irsa_json *role = first_role_with(stage, "apps/s3-reader");
    const struct irsa_json *account = account_of(stage);
    assert_string_equal(result->role_arn, irsa_json_get_text(role, "arn"));
    assert_string_equal(result->role_id, irsa_json_get_text(role, "roleId"));
    assert_string_equal(result->service_account_uid, irsa_json_get_text(account, "uid"));
    assert_string_equal(irsa_json_get_text(irsa_json_get(account, "annotations"), "eks.amazonaws.com/role-arn"),
                        result->role_arn);
    assert_string_equal(
        result->issuer,
        irsa_json_get_text(irsa_json_at(repair_world(stage), "/clusters/us-west-2~1cluster-13"), "issuer"));
    assert_string_equal(
        irsa_json_get_text(irsa_json_at(role, "/assumeRolePolicyDocument/Statement/0/Principal"), "Federated"),
        irsa_arena_format(stage->arena, "arn:aws:iam::" REPAIR_ACCOUNT ":oidc-provider/%s",
                          result->issuer + strlen("https://")));
    assert_int_equal(result->observed, IRSA_STATE_PRESENT);
}

const char *repair_diff(struct stage *stage, const struct irsa_json *before) {
    return world_diff(stage->arena, before, repair_world(stage), REPAIR_ALIASES);
}
