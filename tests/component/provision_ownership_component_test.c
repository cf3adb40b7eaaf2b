/*
 * Every cell of docs/ownership.md, in every company: a role's cell with each case of the service account beside it, and
 * the other way round. The page is read, the world is made, the request is run, and result and world are held against
 * what the page says.
 */
#include "core/base/arena.h"
#include "core/contract/request.h"
#include "tests/support/ownership_page.h"
#include "tests/support/ownership_scene.h"
#include "tests/support/test.h"

#define OFFSET    100
#define MARK      "irsa.requests/0/100/1790000000100"
#define MAX_TESTS 256
#define ROLE      "eks.amazonaws.com/role-arn"

static struct ownership_page page;
static struct irsa_arena *page_arena;

/* --- what is asked ------------------------------------------------------------------------------------------------------ */

static const char *options_of(size_t mode) {
    static const char *const OPTIONS[OWNERSHIP_MODES] = {"", "\"overrideExistingServiceAccounts\":true",
                                                         "\"adopt\":true"};
    return OPTIONS[mode];
}

static const char *request_of(const struct ownership_scene *scene, const char *action, size_t mode) {
    const char *wishes = strcmp(action, "delete") == 0 ? "" : ",\"attachPolicyARNs\":[\"" SCENE_READ "\"]";
    const char *labels = strcmp(action, "delete") == 0 ? "" : ",\"labels\":{\"team\":\"apps\"}";
    return irsa_arena_format(scene->stage->arena,
                             "{\"action\":\"%s\",\"cluster\":{\"name\":\"cluster-13\",\"region\":\"us-west-2\"},"
                             "\"serviceAccount\":{\"metadata\":{\"name\":\"s3-reader\",\"namespace\":\"apps\"%s},"
                             "\"roleName\":\"%s\"%s},\"options\":{%s}}",
                             action, labels, scene->role_name, wishes, options_of(mode));
}

struct answer {
    bool is_done;
    struct irsa_result result;
    struct irsa_error err;
};

/* As a worker would: read the request, then do it. */
static struct answer run(const struct ownership_scene *scene, const char *data) {
    const struct irsa_record record = {.topic = "irsa.requests", .value = data, .value_length = strlen(data)};
    struct answer answer = {.is_done = false};
    struct irsa_request request;
    if (irsa_request_decode(scene->stage->arena, &record, &request, &answer.err))
        answer.is_done = stage_deliver(scene->stage, data, OFFSET, &answer.result, &answer.err);
    return answer;
}

/* --- what is left ------------------------------------------------------------------------------------------------------- */

struct look {
    const struct ownership_scene *scene;
    const struct irsa_json *before, *after; /* the world, or one thing in it */
    bool is_update;
};

static const char *text_of(const struct look *look, const struct irsa_json *value) {
    return value == NULL ? "(absent)" : irsa_json_to_text(look->scene->stage->arena, value);
}

static void same(const struct look *look) {
    assert_string_equal(text_of(look, look->after), text_of(look, look->before));
}

static void same_member(const struct look *look, const char *pointer) {
    assert_string_equal(text_of(look, irsa_json_at(look->after, pointer)),
                        text_of(look, irsa_json_at(look->before, pointer)));
}

static void is_absent(const struct look *look) {
    assert_null(look->after);
}

static void member_is(const struct look *look, const struct irsa_json *object, const char *key, const char *value) {
    const char *found = irsa_json_get_text(object, key);
    if (value == NULL ? irsa_json_get(object, key) != NULL : found == NULL || strcmp(found, value) != 0)
        fail_msg("%s is %s, not %s, in %s", key, found != NULL ? found : "(absent)", value != NULL ? value : "absent",
                 text_of(look, look->after));
}

/* The trust policy of the IAM user guide for EKS: this subject, this audience, this provider, and nothing else. */
static void trusts_the_account(const struct look *look) {
    const struct ownership_scene *scene = look->scene;
    const char *trust = irsa_arena_format(
        scene->stage->arena,
        "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Federated\":\"arn:aws:iam:"
        ":" SCENE_ACCOUNT
        ":oidc-provider/%s\"},\"Action\":\"sts:AssumeRoleWithWebIdentity\",\"Condition\":{\"StringEquals\":{"
        "\"%s:sub\":\"system:serviceaccount:apps:s3-reader\",\"%s:aud\":\"sts.amazonaws.com\"}}}]}",
        scene->issuer, scene->issuer, scene->issuer);
    assert_string_equal(text_of(look, irsa_json_get(look->after, "assumeRolePolicyDocument")), trust);
}

static void is_tagged(const struct look *look) {
    const struct irsa_json *tags = irsa_json_get(look->after, "tags");
    member_is(look, tags, "irsa.dev/cluster", SCENE_CLUSTER_ARN);
    member_is(look, tags, "irsa.dev/service-account", "apps/s3-reader");
    member_is(look, tags, "irsa.dev/owner", "irsa");
    member_is(look, tags, "irsa.dev/request", MARK);
    if (look->before != NULL)
        member_is(look, tags, "cost-center", "42");
}

static void reads_only(const struct look *look) {
    assert_string_equal(text_of(look, irsa_json_get(look->after, "attachedPolicies")), "[\"" SCENE_READ "\"]");
}

static void has_no_inline_policy(const struct look *look) {
    const struct irsa_json *inlines = irsa_json_get(look->after, "inlinePolicies");
    assert_true(inlines == NULL || inlines->count == 0);
}

static void role_is_made(const struct look *look) {
    trusts_the_account(look);
    is_tagged(look);
    reads_only(look);
    has_no_inline_policy(look);
}

static void role_is_kept_and_made_ours(const struct look *look) {
    role_is_made(look);
    same_member(look, "/roleId");
}

static void role_is_changed(const struct look *look) {
    is_tagged(look);
    reads_only(look);
    same_member(look, "/roleId");
    same_member(look, "/inlinePolicies");
    same_member(look, "/assumeRolePolicyDocument");
}

static void role_is_taken(const struct look *look) {
    trusts_the_account(look);
    is_tagged(look);
    reads_only(look);
    same_member(look, "/roleId");
    same_member(look, "/inlinePolicies");
}

static void carries_the_request(const struct look *look) {
    const struct irsa_json *annotations = irsa_json_at(look->after, "/metadata/annotations");
    member_is(look, annotations, ROLE, look->scene->role_arn);
    member_is(look, annotations, "irsa.dev/request", MARK);
    member_is(look, irsa_json_at(look->after, "/metadata/labels"), "team", "apps");
    if (look->before == NULL)
        return;
    member_is(look, irsa_json_at(look->after, "/metadata/labels"), "tier", "gold");
    same_member(look, "/metadata/uid");
}

static void account_is_ours(const struct look *look) {
    carries_the_request(look);
    member_is(look, irsa_json_at(look->after, "/metadata/labels"), "app.kubernetes.io/managed-by", "irsa");
    member_is(look, irsa_json_at(look->after, "/metadata/annotations"), "irsa.dev/created", "true");
}

static void account_is_annotated(const struct look *look) {
    carries_the_request(look);
    same_member(look, "/metadata/labels/app.kubernetes.io~1managed-by");
    same_member(look, "/metadata/annotations/meta.helm.sh~1release-name");
    member_is(look, irsa_json_at(look->after, "/metadata/annotations"), "irsa.dev/created", NULL);
}

static void account_is_released(const struct look *look) {
    same_member(look, "/metadata/uid");
    assert_null(irsa_json_at(look->after, "/metadata/annotations"));
    assert_string_equal(text_of(look, irsa_json_at(look->after, "/metadata/labels")), "{\"tier\":\"gold\"}");
}

static const struct {
    const char *word;
    void (*check)(const struct look *look);
} CHECKS[] = {
    {"made", role_is_made},
    {"mended", role_is_kept_and_made_ours},
    {"adopted", role_is_kept_and_made_ours},
    {"changed", role_is_changed},
    {"taken", role_is_taken},
    {"finished", role_is_taken},
    {"deleted", is_absent},
    {"absent", is_absent},
    {"applied", account_is_ours},
    {"annotated", account_is_annotated},
    {"removed", is_absent},
    {"released", account_is_released},
    {"left", same},
};

static void check_half(const struct look *look, const struct ownership_word *word) {
    for (size_t i = 0; i < COUNT_OF(CHECKS); i++)
        if (strcmp(CHECKS[i].word, word->name) == 0) {
            CHECKS[i].check(look);
            return;
        }
    fail_msg("nobody knows how to see that something is \"%s\"", word->name);
}

/* --- a cell with its company -------------------------------------------------------------------------------------------- */

struct pair {
    const struct ownership_row *role, *account;
    size_t mode;
    const struct ownership_scene *scene;
    const struct irsa_json *before;
};

static const struct ownership_word *word_of(const struct pair *pair, bool is_role) {
    return (is_role ? pair->role : pair->account)->cells[pair->mode];
}

static bool is_refusal(const struct ownership_word *word) {
    return strcmp(word->outcome, "failed") == 0;
}

/* The account is judged first; what is held is judged when the role is known. */
static const struct ownership_row *who_refuses(const struct pair *pair) {
    const struct ownership_word *account = word_of(pair, false);
    bool is_account_late = strcmp(account->name, "held") == 0;
    if (is_refusal(account) && !is_account_late)
        return pair->account;
    if (is_refusal(word_of(pair, true)))
        return pair->role;
    return is_account_late ? pair->account : NULL;
}

static void expect_refusal(const struct pair *pair, const struct ownership_row *refuser, const struct answer *answer) {
    const struct ownership_word *word = refuser->cells[pair->mode];
    if (answer->is_done)
        fail_msg("it was done, and should have been refused: %s", word->name);
    if (strcmp(irsa_code_name(answer->err.code), word->error) != 0)
        fail_msg("%s: %s; the page says %s", irsa_code_name(answer->err.code), answer->err.message, word->error);
    bool is_at_the_door = strcmp(word->name, "invalid") == 0;
    const char *says = refuser->who->refusal[pair->mode];
    if (!is_at_the_door && (*says == '\0' || strstr(answer->err.message, says) == NULL))
        fail_msg("\"%s\" does not say \"%s\"", answer->err.message, says);
    if (is_at_the_door)
        assert_string_equal(stage_calls(pair->scene->stage), "");
    const struct look look = {
        .scene = pair->scene, .before = pair->before, .after = ownership_scene_world(pair->scene)};
    same(&look);
}

static const char *steps_of(struct irsa_arena *arena, const struct irsa_result *result) {
    struct irsa_text text;
    irsa_text_init(&text, arena, 4096);
    for (size_t i = 0; i < result->step_count; i++)
        irsa_text_addf(&text, "%s%s", i == 0 ? "" : ", ", result->steps[i].name);
    return text.at;
}

/* Create and update write the role first, delete removes the account first. */
static const char *wanted_steps(const struct pair *pair) {
    bool is_delete = strcmp(pair->role->action, "delete") == 0;
    const char *first = word_of(pair, !is_delete)->writes, *second = word_of(pair, is_delete)->writes;
    const char *comma = *first != '\0' && *second != '\0' ? ", " : "";
    return irsa_arena_format(pair->scene->stage->arena, "%s%s%s", first, comma, second);
}

static void expect_success(const struct pair *pair, const struct answer *answer) {
    const struct ownership_scene *scene = pair->scene;
    if (!answer->is_done)
        fail_msg("%s: %s", irsa_code_name(answer->err.code), answer->err.message);
    const char *wanted = wanted_steps(pair);
    assert_string_equal(steps_of(scene->stage->arena, &answer->result), wanted);
    assert_string_equal(irsa_outcome_name(answer->result.outcome), *wanted != '\0' ? "succeeded" : "unchanged");
    bool is_left = strcmp(word_of(pair, false)->name, "left") == 0;
    assert_int_equal(answer->result.foreign.count, is_left ? 1 : 0);
    if (is_left)
        assert_string_equal(answer->result.foreign.at[0], "apps/s3-reader");
    const struct irsa_json *after = ownership_scene_world(scene);
    struct look look = {.scene = scene,
                        .before = ownership_scene_role(scene, pair->before),
                        .after = ownership_scene_role(scene, after)};
    check_half(&look, word_of(pair, true));
    look.before = ownership_scene_account(pair->before);
    look.after = ownership_scene_account(after);
    check_half(&look, word_of(pair, false));
}

static void check_pair(struct stage *stage, struct pair pair) {
    const struct ownership_scene scene = ownership_scene_open(stage, pair.role->who->name, pair.account->who->name);
    print_message("  role: %s; account: %s\n", pair.role->who->name, pair.account->who->name);
    pair.scene = &scene;
    pair.before = ownership_scene_world(&scene);
    const struct answer answer = run(&scene, request_of(&scene, pair.role->action, pair.mode));
    const struct ownership_row *refuser = who_refuses(&pair);
    if (refuser != NULL)
        expect_refusal(&pair, refuser, &answer);
    else
        expect_success(&pair, &answer);
}

/* --- one test per cell -------------------------------------------------------------------------------------------------- */

struct cell {
    const struct ownership_row *row;
    bool is_role;
    size_t mode;
};

static void the_cell_is_as_the_page_says_in_every_company(void **state) {
    const struct cell *cell = *state;
    const struct ownership_half *others = cell->is_role ? &page.accounts : &page.roles;
    for (size_t i = 0; i < others->row_count; i++) {
        const struct ownership_row *other = &others->rows[i];
        if (strcmp(other->action, cell->row->action) != 0)
            continue;
        struct stage *stage = malloc(sizeof *stage);
        stage_open(stage);
        check_pair(stage, (struct pair){.role = cell->is_role ? cell->row : other,
                                        .account = cell->is_role ? other : cell->row,
                                        .mode = cell->mode});
        stage_close(stage);
        free(stage);
    }
}

/* No case without its three actions: a row that is lost is a promise that is lost. */
static void every_case_has_its_three_actions(void **state) {
    static const char *const ACTIONS[] = {"create", "update", "delete"};
    (void)state;
    const struct ownership_half *halves[] = {&page.roles, &page.accounts};
    for (size_t h = 0; h < COUNT_OF(halves); h++) {
        assert_int_equal(halves[h]->row_count, halves[h]->case_count * COUNT_OF(ACTIONS));
        for (size_t i = 0; i < halves[h]->row_count; i++) {
            const struct ownership_row *row = &halves[h]->rows[i];
            assert_ptr_equal(row->who, &halves[h]->cases[i / COUNT_OF(ACTIONS)]);
            assert_string_equal(row->action, ACTIONS[i % COUNT_OF(ACTIONS)]);
        }
    }
}

static size_t add_cells(struct CMUnitTest *tests, size_t count, bool is_role) {
    const struct ownership_half *half = is_role ? &page.roles : &page.accounts;
    for (size_t i = 0; i < half->row_count; i++)
        for (size_t mode = 0; mode < OWNERSHIP_MODES && count < MAX_TESTS; mode++) {
            struct cell *cell = IRSA_NEW(page_arena, struct cell);
            *cell = (struct cell){.row = &half->rows[i], .is_role = is_role, .mode = mode};
            const char *name = irsa_arena_format(page_arena, "%s %s, %s, %s: %s", is_role ? "role" : "service account",
                                                 half->rows[i].who->name, half->rows[i].action,
                                                 OWNERSHIP_MODE_NAMES[mode], half->rows[i].cells[mode]->name);
            tests[count++] = (struct CMUnitTest){name, the_cell_is_as_the_page_says_in_every_company, NULL, NULL, cell};
        }
    return count;
}

int main(void) {
    struct CMUnitTest tests[MAX_TESTS] = {cmocka_unit_test(every_case_has_its_three_actions)};
    page_arena = irsa_arena_new();
    page = ownership_page_read(page_arena);
    size_t count = add_cells(tests, 1, true);
    count = add_cells(tests, count, false);
    int status = test_run("what is ours is changed, and nothing else", tests, count);
    irsa_arena_free(page_arena);
    return status;
}
