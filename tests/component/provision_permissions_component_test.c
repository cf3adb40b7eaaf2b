/*
 * docs/iam-permissions.md: a whole life of service accounts passes under its policy and its ClusterRole, and goes another
 * way when any one action, resource or verb of theirs is taken away.
 */
#include <stdio.h>
#include <stdlib.h>

#include "core/base/arena.h"
#include "core/base/json.h"
#include "core/config/yaml.h"
#include "tests/support/stage.h"
#include "tests/support/test.h"

#define PAGE           "docs/iam-permissions.md"
#define PAGE_MAX_BYTES ((size_t)256 * 1024)
#define POLICY         0
#define BOUNDARY       1
#define ROLE           2
#define BLOCKS         3

#define ACCOUNT "111122223333"
#define READ    "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
#define WRITE   "arn:aws:iam::aws:policy/AmazonDynamoDBFullAccess"
#define FENCE   "arn:aws:iam::" ACCOUNT ":policy/boundary"
#define OFFER   "arn:aws:eks:us-west-2:" ACCOUNT ":cluster/cluster-13/apps/adopted"
#define ALLOW(a)                                                                                                       \
    "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"" a "\",\"Resource\":\"*\"}]}"
#define TRUST                                                                                                          \
    "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":"                     \
    "\"ec2.amazonaws.com\"},\"Action\":\"sts:AssumeRole\"}]}"
#define REQUEST(action, name, fields, options)                                                                         \
    "{\"action\":\"" action "\",\"cluster\":{\"name\":\"cluster-13\",\"region\":\"us-west-2\"},\"serviceAccount\":{"   \
    "\"metadata\":{\"name\":\"" name "\",\"namespace\":\"apps\"}" fields "},\"options\":{" options "}}"

/* The fenced blocks of the page, in their order. */
static struct irsa_arena *page_arena;
static const struct irsa_json *blocks[BLOCKS];

/* --- the page ----------------------------------------------------------------------------------------------------------- */

static bool take_block(void *self, const struct irsa_json *root, struct irsa_error *err) {
    (void)err;
    *(const struct irsa_json **)self = root;
    return true;
}

static void read_page(void) {
    FILE *file = fopen(PAGE, "r");
    assert_non_null(file);
    page_arena = irsa_arena_new();
    char *text = irsa_arena_alloc(page_arena, PAGE_MAX_BYTES);
    size_t length = fread(text, 1, PAGE_MAX_BYTES - 1, file);
    fclose(file);
    text[length] = '\0';
    size_t count = 0;
    for (char *start = strstr(text, "\n```"); start != NULL; start = strstr(start, "\n```")) {
        struct irsa_error err;
        start = strchr(start + 1, '\n') + 1;
        char *end = strstr(start, "\n```");
        assert_non_null(end);
        assert_true(count < BLOCKS);
        assert_ok(irsa_yaml_read(page_arena, start, (size_t)(end + 1 - start), take_block, &blocks[count], &err), err);
        count++;
        start = end + 4;
    }
    assert_int_equal(count, BLOCKS);
}

/* --- a life ------------------------------------------------------------------------------------------------------------- */

struct step {
    const char *what;
    const char *world;   /* PUT before it, or NULL */
    const char *model;   /* POST before it, or NULL */
    const char *request; /* NULL: none */
};

static const struct step LIFE[] = {
    {"a world with a boundary",
     "{\"accounts\":{\"" ACCOUNT "\":{\"policies\":[{\"policyName\":\"boundary\","
     "\"policyDocument\":" ALLOW("s3:*") "}]}}}",
     NULL, NULL},
    {"the provider", NULL, NULL,
     "{\"action\":\"associate-oidc\",\"cluster\":{\"name\":\"cluster-13\",\"region\":\"us-west-2\"}}"},
    {"a create", NULL, NULL,
     REQUEST("create", "reader", ",\"attachPolicyARNs\":[\"" READ "\"],\"attachPolicy\":" ALLOW("sqs:*"), "")},
    {"the same again", NULL, NULL,
     REQUEST("create", "reader", ",\"attachPolicyARNs\":[\"" READ "\"],\"attachPolicy\":" ALLOW("sqs:*"), "")},
    {"a create with a role name", NULL, NULL,
     REQUEST("create", "named", ",\"roleName\":\"app-named\",\"attachPolicyARNs\":[\"" READ "\"]", "")},
    {"an update that gives it a boundary and other policies", NULL, NULL,
     REQUEST("update", "reader", ",\"attachPolicyARNs\":[\"" WRITE "\"],\"permissionsBoundary\":\"" FENCE "\"", "")},
    {"a repair of the provider and the trust",
     "{\"accounts\":{\"" ACCOUNT "\":{\"roles\":[{\"roleName\":\"app-named\",\"assumeRolePolicyDocument\":" TRUST
     "}]}}}",
     NULL,
     REQUEST("create", "named", ",\"roleName\":\"app-named\",\"attachPolicyARNs\":[\"" READ "\"]",
             "\"withOIDC\":true")},
    {"an inline policy goes", NULL, NULL, REQUEST("create", "reader", ",\"attachPolicyARNs\":[\"" READ "\"]", "")},
    {"an adoption",
     "{\"accounts\":{\"" ACCOUNT "\":{\"roles\":[{\"roleName\":\"app-offered\",\"assumeRolePolicyDocument\":" TRUST
     ",\"tags\":{\"irsa.dev/adopt\":\"" OFFER "\"}}]}}}",
     NULL,
     REQUEST("create", "adopted", ",\"roleName\":\"app-offered\",\"attachPolicyARNs\":[\"" READ "\"]",
             "\"adopt\":true")},
    {"a quota", NULL, "{\"quotas\":{\"rolesPerAccount\":3}}",
     REQUEST("create", "late", ",\"attachPolicyARNs\":[\"" READ "\"]", "")},
    {"a delete", NULL, NULL, REQUEST("delete", "reader", "", "")},
    {"a delete of a role with a name", NULL, NULL, REQUEST("delete", "named", ",\"roleName\":\"app-named\"", "")},
};

static void install(struct stage *stage, const struct irsa_json *policy, const struct irsa_json *role) {
    stage_control(stage, "PUT", "/permissions",
                  irsa_arena_format(stage->arena, "{\"policies\":[%s],\"roles\":[%s]}",
                                    irsa_json_to_text(stage->arena, policy), irsa_json_to_text(stage->arena, role)));
}

/* The audience of the provider is lost, so that it must be added. */
static void lose_audience(struct stage *stage) {
    const struct irsa_json *providers =
        irsa_json_at(stage_control(stage, "GET", "/world", NULL), "/accounts/" ACCOUNT "/oidcProviders");
    if (providers == NULL || providers->first == NULL)
        return;
    const char *url = irsa_json_get_text(providers->first, "url");
    stage_control(stage, "PUT", "/world",
                  irsa_arena_format(stage->arena,
                                    "{\"accounts\":{\"" ACCOUNT
                                    "\":{\"oidcProviders\":[{\"url\":\"%s\",\"clientIDs\":[\"other\"]}]}}}",
                                    url));
}

static void run_request(struct stage *stage, const struct step *step, int64_t offset, struct irsa_text *out) {
    struct irsa_result result;
    struct irsa_error err;
    irsa_error_clear(&err);
    bool is_done = stage_deliver(stage, step->request, offset, &result, &err);
    irsa_text_addf(out, "%s: %s\n", step->what,
                   is_done ? irsa_outcome_name(result.outcome)
                           : irsa_arena_format(stage->arena, "%s %s", irsa_code_name(err.code), err.message));
}

/* What becomes of each request of a life. Each is done by a new worker, which remembers nothing. */
static const char *live(const struct irsa_json *policy, const struct irsa_json *role, struct irsa_arena *arena) {
    struct stage stage;
    struct irsa_text out;
    stage_open(&stage);
    irsa_text_init(&out, arena, 65536);
    install(&stage, policy, role);
    for (size_t i = 0; i < COUNT_OF(LIFE); i++) {
        if (LIFE[i].world != NULL)
            stage_control(&stage, "PUT", "/world", LIFE[i].world);
        if (LIFE[i].model != NULL)
            stage_control(&stage, "POST", "/model", LIFE[i].model);
        if (strncmp(LIFE[i].what, "a repair", 8) == 0)
            lose_audience(&stage);
        if (LIFE[i].request != NULL)
            run_request(&stage, &LIFE[i], (int64_t)i, &out);
        stage_restart(&stage);
    }
    stage_close(&stage);
    return out.at;
}

/* --- taking away -------------------------------------------------------------------------------------------------------- */

/* A copy without the string that is number `n` among all in arrays or members of these keys; NULL when there is none. */
struct cut {
    struct irsa_arena *arena;
    const char *const *keys; /* ends with NULL */
    size_t left;
    const char *removed;
};

static bool is_cut_key(const struct cut *cut, const char *key) {
    for (size_t i = 0; key != NULL && cut->keys[i] != NULL; i++)
        if (strcmp(cut->keys[i], key) == 0)
            return true;
    return false;
}

static struct irsa_json *copy_without(struct cut *cut, const struct irsa_json *value, bool is_list) {
    struct irsa_json *copy = irsa_json_new(cut->arena, value->kind);
    struct irsa_json *tail = NULL;
    copy->text = value->text;
    copy->text_length = value->text_length;
    for (const struct irsa_json *child = value->first; child != NULL; child = child->next) {
        bool is_candidate = child->kind == IRSA_JSON_STRING && (is_list || is_cut_key(cut, child->key));
        struct irsa_json *new = copy_without(cut, child, child->kind == IRSA_JSON_ARRAY && is_cut_key(cut, child->key));
        if (is_candidate && cut->left-- == 0) {
            cut->removed = child->text;
            new = irsa_json_new_text(cut->arena, "nothing");
        }
        irsa_json_append(copy, &tail, child->key, new);
    }
    return copy;
}

static const struct irsa_json *without(struct irsa_arena *arena, const struct irsa_json *document,
                                       const char *const *keys, size_t n, const char **out_removed) {
    struct cut cut = {.arena = arena, .keys = keys, .left = n};
    const struct irsa_json *copy = copy_without(&cut, document, false);
    *out_removed = cut.removed;
    return cut.removed == NULL ? NULL : copy;
}

/* Every one of them is missed. How many there were. */
static size_t miss_each(size_t block, const char *const *keys) {
    struct irsa_arena *arena = irsa_arena_new();
    const char *whole = live(blocks[POLICY], blocks[ROLE], arena);
    const char *removed;
    size_t n = 0;
    for (const struct irsa_json *less; (less = without(arena, blocks[block], keys, n, &removed)) != NULL; n++) {
        const char *without_it =
            live(block == POLICY ? less : blocks[POLICY], block == ROLE ? less : blocks[ROLE], arena);
        if (strcmp(whole, without_it) == 0)
            fail_msg("%s is not needed", removed);
    }
    irsa_arena_free(arena);
    return n;
}

static void a_life_passes_under_the_page(void **state) {
    (void)state;
    assert_string_equal(live(blocks[POLICY], blocks[ROLE], page_arena),
                        "the provider: succeeded\n"
                        "a create: succeeded\n"
                        "the same again: unchanged\n"
                        "a create with a role name: succeeded\n"
                        "an update that gives it a boundary and other policies: succeeded\n"
                        "a repair of the provider and the trust: succeeded\n"
                        "an inline policy goes: succeeded\n"
                        "an adoption: succeeded\n"
                        "a quota: quota account " ACCOUNT " has 3 of 3 roles: create-role arn:aws:iam::" ACCOUNT
                        ":role/irsa/us-west-2/cluster-13/cluster-13-apps-late-aed4e8f0: Cannot exceed quota for "
                        "RolesPerAccount: 3\n"
                        "a delete: succeeded\n"
                        "a delete of a role with a name: succeeded\n");
}

static void each_action_of_the_policy_is_needed(void **state) {
    static const char *const KEYS[] = {"Action", NULL};
    (void)state;
    assert_int_equal(miss_each(POLICY, KEYS), 20);
}

static void each_resource_of_the_policy_is_needed(void **state) {
    static const char *const KEYS[] = {"Resource", NULL};
    (void)state;
    assert_int_equal(miss_each(POLICY, KEYS), 5);
}

static void each_verb_and_resource_of_the_cluster_role_is_needed(void **state) {
    static const char *const KEYS[] = {"verbs", "resources", "apiGroups", NULL};
    (void)state;
    assert_int_equal(miss_each(ROLE, KEYS), 10);
}

/* --- a role that vanishes ------------------------------------------------------------------------------------------------ */

/* Somebody deletes the role just before the worker's call of this action arrives. */
struct thief {
    struct stage *stage;
    struct irsa_transport transport;
    const char *action;
    const char *role;
    bool has_come;
};

static bool steal_and_call(void *self, const struct irsa_http_call *call, struct irsa_arena *arena,
                           struct irsa_http_reply *out_reply, struct irsa_error *err) {
    struct thief *thief = self;
    if (!thief->has_come && call->body != NULL && strstr(call->body, thief->action) != NULL) {
        thief->has_come = true;
        stage_control(thief->stage, "PUT", "/world",
                      irsa_arena_format(thief->stage->arena,
                                        "{\"accounts\":{\"" ACCOUNT "\":{\"delete\":{\"roles\":[\"%s\"]}}}}",
                                        thief->role));
    }
    return thief->transport.exchange(thief->transport.self, call, arena, out_reply, err);
}

#define INLINE(a) ",\"attachPolicy\":" ALLOW(a)
#define FIRST     REQUEST("create", "x", ",\"attachPolicyARNs\":[\"" READ "\"]" INLINE("sqs:*"), "\"withOIDC\":true")
#define SECOND                                                                                                         \
    REQUEST("create", "x",                                                                                             \
            ",\"attachPolicyARNs\":[\"" WRITE "\"],\"permissionsBoundary\":\"" FENCE "\"" INLINE("sns:*"),             \
            "\"withOIDC\":true")
#define DELETE REQUEST("delete", "x", "", "")

/* Under the page's policy; the role of FIRST is there, with a trust that somebody has changed. */
static void open_robbery(struct stage *stage, struct thief *thief, const char *action) {
    struct irsa_result result;
    struct irsa_error err;
    stage_open(stage);
    install(stage, blocks[POLICY], blocks[ROLE]);
    stage_control(stage, "PUT", "/world", LIFE[0].world);
    if (!stage_deliver(stage, FIRST, 1, &result, &err))
        fail_msg("%s", err.message);
    const char *role = irsa_json_get_text(
        irsa_json_at(stage_control(stage, "GET", "/world", NULL), "/accounts/" ACCOUNT "/roles/0"), "roleName");
    stage_control(stage, "PUT", "/world",
                  irsa_arena_format(stage->arena,
                                    "{\"accounts\":{\"" ACCOUNT "\":{\"roles\":[{\"roleName\":\"%s\","
                                    "\"assumeRolePolicyDocument\":" TRUST "}]}}}",
                                    role));
    *thief = (struct thief){.stage = stage,
                            .transport = stage->transport,
                            .action = irsa_arena_format(stage->arena, "Action=%s&", action),
                            .role = role};
    stage->transport = (struct irsa_transport){.exchange = steal_and_call, .self = thief};
    stage_restart(stage);
}

static size_t role_count(struct stage *stage) {
    return irsa_json_at(stage_control(stage, "GET", "/world", NULL), "/accounts/" ACCOUNT "/roles")->count;
}

/* The call is denied, since nothing is known of the role's path; the worker finds out that it is gone. */
static void a_role_that_vanishes_is_told_from_one_that_is_denied(void **state) {
    static const struct {
        const char *action, *request;
        size_t roles_left;
    } rows[] = {{"UpdateAssumeRolePolicy", SECOND, 1},
                {"PutRolePermissionsBoundary", SECOND, 1},
                {"TagRole", SECOND, 1},
                {"AttachRolePolicy", SECOND, 1},
                {"PutRolePolicy", SECOND, 1},
                {"DetachRolePolicy", DELETE, 0},
                {"DeleteRolePolicy", DELETE, 0},
                {"DeleteRole", DELETE, 0}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct stage stage;
        struct thief thief;
        struct irsa_result result;
        struct irsa_error err;
        open_robbery(&stage, &thief, rows[i].action);
        if (!stage_attempt(&stage, rows[i].request, 2, &result, &err))
            fail_msg("%s: %s %s", rows[i].action, irsa_code_name(err.code), err.message);
        assert_true(thief.has_come);
        assert_int_equal(role_count(&stage), rows[i].roles_left);
        stage_close(&stage);
    }
}

static void a_denial_of_a_role_that_is_there_stays_a_denial(void **state) {
    static const char *const KEYS[] = {"Resource", NULL};
    struct stage stage;
    struct thief thief;
    struct irsa_result result;
    struct irsa_error err;
    const char *removed;
    (void)state;
    open_robbery(&stage, &thief, "Nothing");
    install(&stage, without(page_arena, blocks[POLICY], KEYS, 2, &removed), blocks[ROLE]);
    assert_string_equal(removed, "arn:aws:iam::*:role/irsa/*");
    assert_false(stage_attempt(&stage, SECOND, 2, &result, &err));
    assert_code(err, ACCESS_DENIED);
    assert_non_null(
        strstr(err.message, "because no identity-based policy allows the iam:UpdateAssumeRolePolicy action"));
    stage_close(&stage);
}

/* With the page's other policy beside the first. */
static void the_boundary_policy_lets_only_bounded_roles_be_made(void **state) {
    struct stage stage;
    struct irsa_result result;
    struct irsa_error err;
    (void)state;
    stage_open(&stage);
    stage_control(&stage, "PUT", "/world", LIFE[0].world);
    stage_control(&stage, "PUT", "/permissions",
                  irsa_arena_format(stage.arena, "{\"policies\":[%s,%s]}",
                                    irsa_json_to_text(stage.arena, blocks[POLICY]),
                                    irsa_json_to_text(stage.arena, blocks[BOUNDARY])));
    assert_false(stage_attempt(&stage, FIRST, 1, &result, &err));
    assert_code(err, ACCESS_DENIED);
    assert_non_null(strstr(err.message, "with an explicit deny in an identity-based policy"));
    assert_int_equal(role_count(&stage), 0);
    if (!stage_attempt(&stage, SECOND, 2, &result, &err))
        fail_msg("%s", err.message);
    stage_close(&stage);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_life_passes_under_the_page),
        cmocka_unit_test(each_action_of_the_policy_is_needed),
        cmocka_unit_test(each_resource_of_the_policy_is_needed),
        cmocka_unit_test(each_verb_and_resource_of_the_cluster_role_is_needed),
        cmocka_unit_test(a_role_that_vanishes_is_told_from_one_that_is_denied),
        cmocka_unit_test(a_denial_of_a_role_that_is_there_stays_a_denial),
        cmocka_unit_test(the_boundary_policy_lets_only_bounded_roles_be_made),
    };
    read_page();
    int failed = RUN_TESTS("the worker needs what docs/iam-permissions.md gives it, and no less");
    irsa_arena_free(page_arena);
    return failed;
}
