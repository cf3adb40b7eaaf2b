/*
 * One row per case of the page; what is put is what the case's own tools leave behind.
 */
#include "tests/support/ownership_scene.h"

#include "core/base/arena.h"
#include "tests/support/test.h"

#define MARK         "irsa.requests/0/1/1790000000001"
#define OWN_CLUSTER  "\"irsa.dev/cluster\":\"" SCENE_CLUSTER_ARN "\""
#define OWN_ACCOUNT  "\"irsa.dev/service-account\":\"apps/s3-reader\""
#define OWN_OWNER    "\"irsa.dev/owner\":\"irsa\""
#define OWN_MARK     "\"irsa.dev/request\":\"" MARK "\""
#define ELSEWHERE    "\"irsa.dev/service-account\":\"apps/other\"," OWN_CLUSTER "," OWN_OWNER
#define OTHER_OWNER  OWN_CLUSTER "," OWN_ACCOUNT ",\"irsa.dev/owner\":\"team-b\""
#define OFFER        "\"irsa.dev/adopt\":\"" SCENE_CLUSTER_ARN "/apps/s3-reader\""
#define OTHER_OFFER  "\"irsa.dev/adopt\":\"" SCENE_CLUSTER_ARN "/apps/other\""
#define PERSONS      "\"cost-center\":\"42\""
#define EKSCTL       "\"alpha.eksctl.io/iamserviceaccount-name\":\"apps/s3-reader\""
#define SERVICE_PATH "/aws-service-role/pods.amazonaws.com/"

struct role_fixture {
    const char *name;
    const char *role_name;
    const char *path;
    const char *tags; /* members of an object; NULL: the role is not there */
    bool is_in_profile;
};

static const struct role_fixture ROLES[] = {
    {"absent", "pod-role", "/", NULL, false},
    {"ours", "pod-role", "/", OWN_CLUSTER "," OWN_ACCOUNT "," OWN_OWNER "," OWN_MARK "," PERSONS, false},
    {"ours, once adopted", "pod-role", "/",
     OWN_CLUSTER "," OWN_ACCOUNT "," OWN_OWNER "," OWN_MARK "," PERSONS "," OFFER, false},
    {"ours for another account", "pod-role", "/", ELSEWHERE, false},
    {"ours for another cluster", "pod-role", "/",
     "\"irsa.dev/cluster\":\"arn:aws:eks:us-west-2:" SCENE_ACCOUNT ":cluster/cluster-14\"," OWN_ACCOUNT "," OWN_OWNER,
     false},
    {"ours for another account, offered", "pod-role", "/", ELSEWHERE "," OFFER, false},
    {"a person's", "pod-role", "/", PERSONS, false},
    {"a person's, offered", "pod-role", "/", PERSONS "," OFFER, false},
    {"a person's, offered to another account", "pod-role", "/", PERSONS "," OTHER_OFFER, false},
    {"in an instance profile, offered", "pod-role", "/", PERSONS "," OFFER, true},
    {"the worker's own, offered", "irsa-worker", "/", PERSONS "," OFFER, false},
    {"eksctl's", "eksctl-cluster-13-addon-Role1-ABC", "/", EKSCTL "," PERSONS, false},
    {"eksctl's, offered", "eksctl-cluster-13-addon-Role1-ABC", "/", EKSCTL "," PERSONS "," OFFER, false},
    {"another owner's", "pod-role", "/", OTHER_OWNER, false},
    {"another owner's, offered", "pod-role", "/", OTHER_OWNER "," OFFER, false},
    {"service-linked", "AWSServiceRoleForPods", SERVICE_PATH, PERSONS, false},
    {"service-linked, offered", "AWSServiceRoleForPods", SERVICE_PATH, PERSONS "," OFFER, false},
    {"reserved, offered", "AWSReservedSSO_Pods", "/aws-reserved/sso.amazonaws.com/", PERSONS "," OFFER, false},
};

/* Who wrote the account, one after the other. */
struct write {
    const char *manager, *operation;
    const char *labels, *annotations; /* members of an object; "$ROLE" is the ARN of the case's role */
};

struct account_fixture {
    const char *name;
    struct write writes[3];
};

#define ROLE_ARN(arn) "\"eks.amazonaws.com/role-arn\":\"" arn "\""
#define THEIRS        ROLE_ARN("arn:aws:iam::" SCENE_ACCOUNT ":role/elsewhere")
#define GOLD          "\"tier\":\"gold\""
#define PERSON                                                                                                         \
    { "kubectl", "Update", GOLD, "" }
#define MADE_BY_US                                                                                                     \
    {                                                                                                                  \
        "irsa", "Apply", "\"app.kubernetes.io/managed-by\":\"irsa\",\"team\":\"old\"",                                 \
            ROLE_ARN("$ROLE") ",\"irsa.dev/created\":\"true\"," OWN_MARK                                               \
    }
#define ANNOTATED_BY_US                                                                                                \
    { "irsa", "Apply", "\"team\":\"old\"", ROLE_ARN("$ROLE") "," OWN_MARK }
#define TAKEN_OVER                                                                                                     \
    { "argocd", "Apply", "", THEIRS }

static const struct account_fixture ACCOUNTS[] = {
    {"absent", {{0}}},
    {"ours", {MADE_BY_US, PERSON}},
    {"ours, its annotation held by another", {MADE_BY_US, PERSON, TAKEN_OVER}},
    {"a person's", {{"kubectl", "Update", GOLD ",\"team\":\"theirs\"", ""}}},
    {"a person's, annotated by us", {PERSON, ANNOTATED_BY_US}},
    {"a person's, our annotation held by another", {PERSON, ANNOTATED_BY_US, TAKEN_OVER}},
    {"Helm's",
     {{"helm", "Update", GOLD ",\"app.kubernetes.io/managed-by\":\"Helm\"", "\"meta.helm.sh/release-name\":\"r\""}}},
    {"eksctl's", {{"eksctl", "Update", GOLD ",\"app.kubernetes.io/managed-by\":\"eksctl\"", THEIRS}}},
};

static const struct role_fixture *role_fixture(const char *name) {
    for (size_t i = 0; i < COUNT_OF(ROLES); i++)
        if (strcmp(ROLES[i].name, name) == 0)
            return &ROLES[i];
    fail_msg("there is no fixture for the role \"%s\"", name);
    return NULL;
}

static const struct account_fixture *account_fixture(const char *name) {
    for (size_t i = 0; i < COUNT_OF(ACCOUNTS); i++)
        if (strcmp(ACCOUNTS[i].name, name) == 0)
            return &ACCOUNTS[i];
    fail_msg("there is no fixture for the service account \"%s\"", name);
    return NULL;
}

static void put_into_account(struct stage *stage, const char *list, const char *entry) {
    stage_control(stage, "PUT", "/world",
                  irsa_arena_format(stage->arena, "{\"accounts\":{\"" SCENE_ACCOUNT "\":{\"%s\":[%s]}}}", list, entry));
}

static void put_into_cluster(struct stage *stage, const char *list, const char *entry) {
    stage_control(
        stage, "PUT", "/world",
        irsa_arena_format(stage->arena, "{\"clusters\":{\"us-west-2/cluster-13\":{\"%s\":[%s]}}}", list, entry));
}

static void put_role(struct stage *stage, const struct role_fixture *role) {
    struct irsa_text body;
    irsa_text_init(&body, stage->arena, 4096);
    irsa_text_addf(
        &body,
        "{\"roleName\":\"%s\",\"path\":\"%s\",\"tags\":{%s},\"attachedPolicies\":[\"" SCENE_WRITE
        "\"],\"inlinePolicies\":{\"by-hand\":{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\","
        "\"Action\":\"s3:*\",\"Resource\":\"*\"}]}},\"assumeRolePolicyDocument\":{\"Version\":\"2012-10-17\","
        "\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"ec2.amazonaws.com\"},\"Action\":"
        "\"sts:AssumeRole\"}]}}",
        role->role_name, role->path, role->tags);
    put_into_account(stage, "roles", body.at);
    if (role->is_in_profile)
        put_into_account(stage, "instanceProfiles",
                         irsa_arena_format(stage->arena, "{\"instanceProfileName\":\"nodes\",\"roleName\":\"%s\"}",
                                           role->role_name));
}

/* `text` with the word $ROLE filled in, at most once. */
static const char *with_role(struct irsa_arena *arena, const char *text, const char *role_arn) {
    const char *word = strstr(text, "$ROLE");
    if (word == NULL)
        return text;
    return irsa_arena_format(arena, "%.*s%s%s", (int)(word - text), text, role_arn, word + strlen("$ROLE"));
}

static void put_account(const struct ownership_scene *scene, const struct write *write) {
    struct irsa_text body;
    irsa_text_init(&body, scene->stage->arena, 4096);
    irsa_text_addf(&body,
                   "{\"metadata\":{\"name\":\"s3-reader\",\"namespace\":\"apps\",\"labels\":{%s},\"annotations\":{%s}},"
                   "\"fieldManager\":\"%s\",\"operation\":\"%s\"}",
                   write->labels, with_role(scene->stage->arena, write->annotations, scene->role_arn), write->manager,
                   write->operation);
    put_into_cluster(scene->stage, "serviceAccounts", body.at);
}

static void put_provider(const struct ownership_scene *scene) {
    put_into_account(scene->stage, "oidcProviders",
                     irsa_arena_format(scene->stage->arena,
                                       "{\"url\":\"https://%s\",\"clientIDs\":[\"sts.amazonaws.com\"]}",
                                       scene->issuer));
}

/* The keys of a session of the role irsa-worker. */
static bool session_keys(void *self, struct irsa_credentials *out, struct irsa_error *err) {
    char key_id[IRSA_SANDBOX_KEY_BYTES], secret[IRSA_SANDBOX_SECRET_BYTES];
    (void)self;
    (void)err;
    irsa_sandbox_keys(SCENE_ACCOUNT, key_id, secret);
    *out = (struct irsa_credentials){.expires_ms = IRSA_NO_TIME};
    (void)snprintf(out->access_key_id, sizeof out->access_key_id, "ASIA%s", key_id + strlen("AKIA"));
    (void)snprintf(out->secret_access_key, sizeof out->secret_access_key, "%s", secret);
    (void)snprintf(out->session_token, sizeof out->session_token, "irsa-sandbox/" SCENE_ACCOUNT "/session");
    return true;
}

struct ownership_scene ownership_scene_open(struct stage *stage, const char *role_case, const char *account_case) {
    const struct role_fixture *role = role_fixture(role_case);
    const struct account_fixture *account = account_fixture(account_case);
    struct ownership_scene scene = {.stage = stage, .role_name = role->role_name};
    stage->credentials.fetch = session_keys;
    stage_restart(stage);
    const char *issuer = irsa_json_get_text(
        irsa_json_at(stage_control(stage, "GET", "/world", NULL), "/clusters/us-west-2~1cluster-13"), "issuer");
    scene.issuer = issuer + strlen("https://");
    scene.role_arn =
        irsa_arena_format(stage->arena, "arn:aws:iam::" SCENE_ACCOUNT ":role%s%s", role->path, role->role_name);
    put_provider(&scene);
    put_into_cluster(stage, "namespaces", "\"apps\"");
    if (role->tags != NULL)
        put_role(stage, role);
    for (size_t i = 0; i < COUNT_OF(account->writes) && account->writes[i].manager != NULL; i++)
        put_account(&scene, &account->writes[i]);
    stage_forget_calls(stage);
    return scene;
}

const struct irsa_json *ownership_scene_world(const struct ownership_scene *scene) {
    return stage_control(scene->stage, "GET", "/world", NULL);
}

const struct irsa_json *ownership_scene_role(const struct ownership_scene *scene, const struct irsa_json *world) {
    const struct irsa_json *roles = irsa_json_at(world, "/accounts/" SCENE_ACCOUNT "/roles");
    for (const struct irsa_json *role = roles != NULL ? roles->first : NULL; role != NULL; role = role->next)
        if (strcmp(irsa_json_get_text(role, "roleName"), scene->role_name) == 0)
            return role;
    return NULL;
}

const struct irsa_json *ownership_scene_account(const struct irsa_json *world) {
    const struct irsa_json *accounts = irsa_json_at(world, "/clusters/us-west-2~1cluster-13/serviceAccounts");
    for (const struct irsa_json *account = accounts != NULL ? accounts->first : NULL; account != NULL;
         account = account->next)
        if (strcmp(irsa_json_get_text(irsa_json_get(account, "metadata"), "name"), "s3-reader") == 0)
            return account;
    return NULL;
}
