/*
 * Plans are data, so they are tested as data: a state of the world in, the list of steps out.
 */
#include "core/provision/plan.h"

#include "core/base/arena.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/contract/names.h"
#include "core/contract/request.h"
#include "core/provision/well_known.h"
#include "tests/support/test.h"

#define ARN(name) "arn:aws:iam::aws:policy/" name
#define PROVIDER  "arn:aws:iam::111122223333:oidc-provider/oidc.eks.us-west-2.amazonaws.com/id/EXAMPLE"

/* One case's world: a place, a request, what is observed. */
struct scene {
    struct irsa_arena *arena;
    struct irsa_place place;
    struct irsa_request request;
    struct irsa_desired desired;
    struct irsa_observed observed;
    struct irsa_plan plan;
};

static const char *const READ_ONLY[] = {ARN("AmazonS3ReadOnlyAccess")};
static const struct irsa_mark MARK = {.topic = "irsa.requests", .partition = 3, .offset = 41, .timestamp_ms = 1000};

static void open_scene(struct scene *scene) {
    *scene = (struct scene){.arena = irsa_arena_new()};
    scene->place = (struct irsa_place){
        .region = "us-west-2",
        .cluster = "cluster-13",
        .cluster_arn = "arn:aws:eks:us-west-2:111122223333:cluster/cluster-13",
        .account_id = "111122223333",
        .partition = "aws",
        .issuer = "oidc.eks.us-west-2.amazonaws.com/id/EXAMPLE",
        .provider_arn = PROVIDER,
    };
    scene->request = (struct irsa_request){
        .action = IRSA_ACTION_CREATE,
        .cluster = {.name = "cluster-13", .region = "us-west-2"},
        .service_account = {.name = "s3-reader",
                            .namespace_name = "backend-apps",
                            .attach_policy_arns = {.at = READ_ONLY, .count = 1}},
    };
    scene->observed = (struct irsa_observed){.account_presence = IRSA_ABSENT,
                                             .namespace_state = IRSA_NAMESPACE_ACTIVE,
                                             .provider = {.presence = IRSA_PRESENT, .has_audience = true}};
}

static void close_scene(struct scene *scene) {
    irsa_arena_free(scene->arena);
}

static void desire(struct scene *scene) {
    struct irsa_error err;
    const struct irsa_desire desire = {.request = &scene->request,
                                       .place = &scene->place,
                                       .mark = &MARK,
                                       .owner = "irsa",
                                       .role_path = "/irsa/{region}/{cluster}/"};
    assert_ok(irsa_desired_make(scene->arena, &desire, &scene->desired, &err), err);
}

static struct irsa_planning planning_of(const struct scene *scene) {
    static const char *const PROTECTED[] = {"AWSDenyAll"};
    return (struct irsa_planning){.desired = &scene->desired,
                                  .observed = &scene->observed,
                                  .options = &scene->request.options,
                                  .protected_policies = {.at = PROTECTED, .count = 1}};
}

/* What is listed can be removed; irsa_observe_policies adds what was written within the last minute. */
static void note_removable(struct scene *scene) {
    struct irsa_observed *observed = &scene->observed;
    const char **names = IRSA_NEW_ARRAY(scene->arena, const char *, observed->inlines.count);
    for (size_t i = 0; i < observed->inlines.count; i++)
        names[i] = observed->inlines.at[i].name;
    observed->removable_attached = observed->attached;
    observed->removable_inlines = (struct irsa_strings){.at = names, .count = observed->inlines.count};
}

static void plan_create(struct scene *scene) {
    const struct irsa_planning planning = planning_of(scene);
    note_removable(scene);
    irsa_plan_init(&scene->plan, scene->arena);
    irsa_plan_create(scene->arena, &planning, &scene->plan);
}

/* The plan as one line: "create-role, attach-policy AmazonS3ReadOnlyAccess". */
static const char *told(const struct scene *scene) {
    struct irsa_text text;
    irsa_text_init(&text, scene->arena, 4096);
    for (size_t i = 0; i < scene->plan.count; i++) {
        const struct irsa_plan_step *step = &scene->plan.steps[i];
        irsa_text_addf(&text, "%s%s", i == 0 ? "" : ", ", irsa_step_name(step->kind));
        if (step->kind >= IRSA_STEP_ATTACH_POLICY && step->kind <= IRSA_STEP_DELETE_INLINE)
            irsa_text_addf(&text, " %s", irsa_arn_name(step->target));
    }
    return text.at;
}

/* What the role of the request looks like once it is as it should be. */
static void observe_role_as_desired(struct scene *scene) {
    struct irsa_pair *tags = IRSA_NEW_ARRAY(scene->arena, struct irsa_pair, 8);
    for (size_t i = 0; i < scene->desired.ownership_tags.count; i++)
        tags[i] = scene->desired.ownership_tags.at[i];
    scene->observed.role_presence = IRSA_PRESENT;
    scene->observed.role = (struct irsa_iam_role){
        .name = scene->desired.role_name,
        .path = scene->desired.role_path,
        .arn = scene->desired.role_arn,
        .role_id = "AROAEXAMPLE",
        .trust_policy = scene->desired.trust_policy,
        .tags = {.at = tags, .count = scene->desired.ownership_tags.count},
    };
    scene->observed.attached = scene->desired.managed;
    scene->observed.inlines = scene->desired.inlines;
}

static const struct irsa_json *parse(struct irsa_arena *arena, const char *text) {
    const struct irsa_json_limits limits = {.max_bytes = 65536, .max_depth = 16};
    const struct irsa_json *value;
    struct irsa_error err;
    assert_ok(irsa_json_parse(arena, text, strlen(text), limits, &value, &err), err);
    return value;
}

/* The service account as our apply leaves it. */
static void observe_account_as_applied(struct scene *scene) {
    struct irsa_pair *labels = IRSA_NEW_ARRAY(scene->arena, struct irsa_pair, 4);
    struct irsa_pair *annotations = IRSA_NEW_ARRAY(scene->arena, struct irsa_pair, 4);
    labels[0] = (struct irsa_pair){IRSA_LABEL_MANAGED_BY, IRSA_MANAGED_BY};
    annotations[0] = (struct irsa_pair){IRSA_ANNOTATION_ROLE, scene->desired.role_arn};
    annotations[1] = (struct irsa_pair){IRSA_ANNOTATION_CREATED, "true"};
    annotations[2] = (struct irsa_pair){IRSA_TAG_REQUEST, "irsa.requests/3/7/500"};
    scene->observed.account_presence = IRSA_PRESENT;
    scene->observed.annotated_role_arn = scene->desired.role_arn;
    scene->observed.account = (struct irsa_kube_account){
        .name = "s3-reader",
        .namespace_name = "backend-apps",
        .uid = "uid-1",
        .resource_version = "77",
        .labels = {.at = labels, .count = 1},
        .annotations = {.at = annotations, .count = 3},
        .managed_fields =
            parse(scene->arena,
                  "[{\"manager\":\"irsa\",\"operation\":\"Apply\",\"apiVersion\":\"v1\",\"fieldsType\":\"FieldsV1\","
                  "\"fieldsV1\":{\"f:metadata\":{\"f:labels\":{\"f:app.kubernetes.io/managed-by\":{}},"
                  "\"f:annotations\":{\"f:eks.amazonaws.com/role-arn\":{},\"f:irsa.dev/created\":{},"
                  "\"f:irsa.dev/request\":{}}}}}]"),
    };
}

static void a_first_create_is_one_role_its_policies_and_one_apply(void **state) {
    (void)state;
    struct scene scene;
    open_scene(&scene);
    desire(&scene);
    plan_create(&scene);
    assert_string_equal(told(&scene), "create-role, attach-policy AmazonS3ReadOnlyAccess, apply-service-account");
    const struct irsa_kube_apply *apply = &scene.plan.steps[2].apply;
    assert_string_equal(apply->resource_version, "1"); /* only create */
    assert_null(apply->uid);
    assert_string_equal(irsa_pairs_find(apply->annotations, IRSA_ANNOTATION_ROLE), scene.desired.role_arn);
    assert_string_equal(irsa_pairs_find(apply->annotations, IRSA_TAG_REQUEST), "irsa.requests/3/41/1000");
    assert_string_equal(irsa_pairs_find(apply->labels, IRSA_LABEL_MANAGED_BY), "irsa");
    close_scene(&scene);
}

static void an_absent_namespace_is_made_before_the_role(void **state) {
    (void)state;
    struct scene scene;
    open_scene(&scene);
    scene.observed.namespace_state = IRSA_NAMESPACE_ABSENT;
    desire(&scene);
    plan_create(&scene);
    assert_string_equal(told(&scene), "create-namespace, create-role, attach-policy AmazonS3ReadOnlyAccess, "
                                      "apply-service-account");
    close_scene(&scene);
}

static void a_repeat_with_nothing_to_do_has_no_step_although_the_mark_is_older(void **state) {
    (void)state;
    struct scene scene;
    open_scene(&scene);
    desire(&scene);
    observe_role_as_desired(&scene);
    observe_account_as_applied(&scene);
    plan_create(&scene);
    assert_string_equal(told(&scene), "");
    close_scene(&scene);
}

static void a_tampered_trust_is_mended_first_and_the_mark_goes_with_it(void **state) {
    (void)state;
    struct scene scene;
    open_scene(&scene);
    desire(&scene);
    observe_role_as_desired(&scene);
    observe_account_as_applied(&scene);
    scene.observed.role.trust_policy = "{\"Version\":\"2012-10-17\",\"Statement\":[]}";
    scene.observed.attached = (struct irsa_strings){0};
    plan_create(&scene);
    assert_string_equal(told(&scene), "update-trust-policy, tag-role, attach-policy AmazonS3ReadOnlyAccess");
    assert_string_equal(irsa_pairs_find(scene.plan.steps[1].tags, IRSA_TAG_REQUEST), "irsa.requests/3/41/1000");
    assert_int_equal(scene.plan.steps[1].tags.count, 1);
    close_scene(&scene);
}

static void what_is_not_listed_is_removed_and_what_is_protected_stays(void **state) {
    (void)state;
    static const char *const ATTACHED[] = {ARN("AmazonS3ReadOnlyAccess"), ARN("AdministratorAccess"),
                                           ARN("AWSDenyAll")};
    static const struct irsa_inline_policy INLINES[] = {{"added-by-hand", NULL}, {"AWSRevokeOlderSessions", NULL}};
    struct scene scene;
    open_scene(&scene);
    desire(&scene);
    observe_role_as_desired(&scene);
    observe_account_as_applied(&scene);
    scene.observed.attached = (struct irsa_strings){.at = ATTACHED, .count = 3};
    scene.observed.inlines = (struct irsa_inline_policies){.at = INLINES, .count = 2};
    plan_create(&scene);
    assert_string_equal(told(&scene),
                        "tag-role, detach-policy AdministratorAccess, delete-inline-policy added-by-hand");
    assert_int_equal(scene.plan.foreign_count, 2);
    assert_string_equal(scene.plan.foreign[0], ARN("AWSDenyAll"));
    assert_string_equal(scene.plan.foreign[1], "AWSRevokeOlderSessions");
    close_scene(&scene);
}

static void with_a_full_quota_removals_make_room_for_additions(void **state) {
    (void)state;
    static const char *const TEN[] = {ARN("P0"), ARN("P1"), ARN("P2"), ARN("P3"), ARN("P4"),
                                      ARN("P5"), ARN("P6"), ARN("P7"), ARN("P8"), ARN("P9")};
    struct scene scene;
    open_scene(&scene);
    scene.request.service_account.attach_policy_arns = (struct irsa_strings){.at = TEN, .count = 10};
    desire(&scene);
    observe_role_as_desired(&scene);
    observe_account_as_applied(&scene);
    static const char *const NINE_AND_ANOTHER[] = {ARN("P0"), ARN("P1"), ARN("P2"), ARN("P3"), ARN("P4"),
                                                   ARN("P5"), ARN("P6"), ARN("P7"), ARN("P8"), ARN("Old")};
    scene.observed.attached = (struct irsa_strings){.at = NINE_AND_ANOTHER, .count = 10};
    plan_create(&scene);
    assert_string_equal(told(&scene), "tag-role, detach-policy Old, attach-policy P9");
    close_scene(&scene);
}

static void a_lost_ownership_tag_is_put_back(void **state) {
    (void)state;
    struct scene scene;
    open_scene(&scene);
    desire(&scene);
    observe_role_as_desired(&scene);
    observe_account_as_applied(&scene);
    scene.observed.role.tags.count = 2; /* the owner is lost */
    plan_create(&scene);
    assert_string_equal(told(&scene), "tag-role");
    assert_string_equal(irsa_pairs_find(scene.plan.steps[0].tags, IRSA_TAG_OWNER), "irsa");
    close_scene(&scene);
}

static void a_boundary_is_set_or_replaced_and_never_removed(void **state) {
    (void)state;
    struct scene scene;
    open_scene(&scene);
    desire(&scene);
    observe_role_as_desired(&scene);
    observe_account_as_applied(&scene);
    scene.observed.role.permissions_boundary = "arn:aws:iam::111122223333:policy/boundary";
    plan_create(&scene);
    assert_string_equal(told(&scene), "");
    assert_string_equal(scene.plan.foreign[0], "arn:aws:iam::111122223333:policy/boundary");
    scene.request.service_account.permissions_boundary = "arn:aws:iam::111122223333:policy/other";
    desire(&scene);
    plan_create(&scene);
    assert_string_equal(told(&scene), "put-permissions-boundary, tag-role");
    close_scene(&scene);
}

static void a_changed_account_is_applied_under_its_uid_and_version(void **state) {
    (void)state;
    struct scene scene;
    open_scene(&scene);
    desire(&scene);
    observe_role_as_desired(&scene);
    observe_account_as_applied(&scene);
    static const struct irsa_pair LABELS[] = {{"team", "storage"}};
    scene.request.service_account.labels = (struct irsa_pairs){.at = LABELS, .count = 1};
    desire(&scene);
    plan_create(&scene);
    assert_string_equal(told(&scene), "apply-service-account");
    assert_string_equal(scene.plan.steps[0].apply.uid, "uid-1");
    assert_string_equal(scene.plan.steps[0].apply.resource_version, "77");
    assert_false(scene.plan.steps[0].wants_restart);
    close_scene(&scene);
}

static void a_field_of_ours_that_is_no_longer_asked_for_is_taken_back(void **state) {
    (void)state;
    struct scene scene;
    open_scene(&scene);
    desire(&scene);
    observe_role_as_desired(&scene);
    observe_account_as_applied(&scene);
    static const struct irsa_pair LABELS[] = {{IRSA_LABEL_MANAGED_BY, "irsa"}, {"team", "storage"}};
    scene.observed.account.labels = (struct irsa_pairs){.at = LABELS, .count = 2};
    plan_create(&scene);
    assert_string_equal(told(&scene), ""); /* somebody else's label */
    scene.observed.account.managed_fields =
        parse(scene.arena, "[{\"manager\":\"irsa\",\"operation\":\"Apply\",\"fieldsV1\":{\"f:metadata\":{\"f:labels\":"
                           "{\"f:app.kubernetes.io/managed-by\":{},\"f:team\":{}},\"f:annotations\":"
                           "{\"f:eks.amazonaws.com/role-arn\":{},\"f:irsa.dev/created\":{}}}}}]");
    plan_create(&scene);
    assert_string_equal(told(&scene), "apply-service-account");
    assert_null(irsa_pairs_find(scene.plan.steps[0].apply.labels, "team"));
    close_scene(&scene);
}

static void a_persons_account_gets_the_annotation_and_no_label_of_ours(void **state) {
    (void)state;
    struct scene scene;
    open_scene(&scene);
    scene.request.options.override_existing_service_accounts = true;
    desire(&scene);
    scene.observed.account_presence = IRSA_PRESENT;
    scene.observed.account = (struct irsa_kube_account){.name = "s3-reader",
                                                        .namespace_name = "backend-apps",
                                                        .uid = "uid-2",
                                                        .resource_version = "5",
                                                        .managed_fields = parse(scene.arena, "[]")};
    plan_create(&scene);
    assert_string_equal(told(&scene), "create-role, attach-policy AmazonS3ReadOnlyAccess, apply-service-account");
    const struct irsa_kube_apply *apply = &scene.plan.steps[2].apply;
    assert_true(apply->force);
    assert_null(irsa_pairs_find(apply->labels, IRSA_LABEL_MANAGED_BY));
    assert_null(irsa_pairs_find(apply->annotations, IRSA_ANNOTATION_CREATED));
    assert_true(scene.plan.steps[2].wants_restart);
    close_scene(&scene);
}

static void an_update_of_the_policies_leaves_everything_else(void **state) {
    (void)state;
    static const char *const WRITE[] = {ARN("AmazonS3FullAccess")};
    static const char *const ATTACHED[] = {ARN("AmazonS3ReadOnlyAccess"), ARN("service-role/AmazonEBSCSIDriverPolicy")};
    static const struct irsa_inline_policy INLINES[] = {{"irsa-inline", NULL}, {"added-by-hand", NULL}};
    struct scene scene;
    open_scene(&scene);
    desire(&scene);
    observe_role_as_desired(&scene);
    observe_account_as_applied(&scene);
    scene.request.action = IRSA_ACTION_UPDATE;
    scene.request.service_account.attach_policy_arns = (struct irsa_strings){.at = WRITE, .count = 1};
    desire(&scene);
    scene.observed.role.trust_policy = "{}";
    scene.observed.attached = (struct irsa_strings){.at = ATTACHED, .count = 2};
    scene.observed.inlines = (struct irsa_inline_policies){.at = INLINES, .count = 2};
    plan_create(&scene);
    assert_string_equal(told(&scene),
                        "tag-role, attach-policy AmazonS3FullAccess, detach-policy AmazonS3ReadOnlyAccess");
    close_scene(&scene);
}

static void a_delete_removes_the_account_before_the_role_and_denials_last(void **state) {
    (void)state;
    static const char *const ATTACHED[] = {ARN("AWSDenyAll"), ARN("AmazonS3ReadOnlyAccess")};
    struct scene scene;
    open_scene(&scene);
    desire(&scene);
    observe_role_as_desired(&scene);
    observe_account_as_applied(&scene);
    scene.observed.attached = (struct irsa_strings){.at = ATTACHED, .count = 2};
    const struct irsa_planning planning = planning_of(&scene);
    note_removable(&scene);
    irsa_plan_init(&scene.plan, scene.arena);
    irsa_plan_delete(&planning, &scene.plan);
    assert_string_equal(told(&scene), "delete-service-account, detach-policy AmazonS3ReadOnlyAccess, "
                                      "detach-policy AWSDenyAll, delete-role");
    assert_string_equal(scene.plan.steps[0].apply.uid, "uid-1");
    close_scene(&scene);
}

static void an_account_that_was_only_annotated_is_released(void **state) {
    (void)state;
    struct scene scene;
    open_scene(&scene);
    desire(&scene);
    observe_account_as_applied(&scene);
    scene.observed.account.labels.count = 0;
    scene.observed.account.managed_fields =
        parse(scene.arena, "[{\"manager\":\"irsa\",\"operation\":\"Apply\",\"fieldsV1\":{\"f:metadata\":"
                           "{\"f:annotations\":{\"f:eks.amazonaws.com/role-arn\":{}}}}}]");
    const struct irsa_planning planning = planning_of(&scene);
    note_removable(&scene);
    irsa_plan_init(&scene.plan, scene.arena);
    irsa_plan_delete(&planning, &scene.plan);
    assert_string_equal(told(&scene), "release-service-account");
    assert_string_equal(scene.plan.steps[0].apply.uid, "uid-1");
    assert_int_equal(scene.plan.steps[0].apply.annotations.count, 0);
    close_scene(&scene);
}

static void role_names_are_always_the_same_and_at_most_64_characters(void **state) {
    (void)state;
    struct scene scene;
    open_scene(&scene);
    /* printf 'us-west-2/cluster-13/backend-apps/s3-reader' | sha256sum */
    assert_string_equal(irsa_default_role_name(scene.arena, &scene.request),
                        "cluster-13-backend-apps-s3-reader-6ddd2c0a");
    scene.request.cluster.name = "a-cluster-with-quite-a-long-name-as-people-do-give-them-in-large-companies";
    assert_int_equal(strlen(irsa_default_role_name(scene.arena, &scene.request)), 64);
    close_scene(&scene);
}

static void all_well_known_policies_fit_their_role(void **state) {
    (void)state;
    struct scene scene;
    open_scene(&scene);
    scene.place.partition = "aws-cn";
    scene.request.service_account.has_well_known_policies = true;
    scene.request.service_account.well_known_policies = (1u << IRSA_WELL_KNOWN_MAX) - 1;
    desire(&scene);
    assert_int_equal(scene.desired.managed.count, 3);
    assert_int_equal(scene.desired.inlines.count, 5);
    size_t characters = 0;
    for (size_t i = 0; i < scene.desired.inlines.count; i++) {
        const char *document = scene.desired.inlines.at[i].document;
        assert_non_null(parse(scene.arena, document));
        assert_null(strstr(document, "${partition}"));
        assert_null(strstr(document, "arn:aws:"));
        characters += strlen(document);
    }
    assert_true(characters <= 10240); /* IAM's limit for all inline policies of a role */
    close_scene(&scene);
}

/* The contract refuses what does not fit, and has the sizes of documents that it cannot see. */
static void the_contract_knows_the_size_of_each_document_in_every_partition(void **state) {
    (void)state;
    static const char *const PARTITIONS[] = {"aws",       "aws-cn",    "aws-us-gov", "aws-iso",
                                             "aws-iso-b", "aws-iso-e", "aws-iso-f",  "aws-eusc"};
    struct irsa_arena *arena = irsa_arena_new();
    for (size_t p = 0; p < COUNT_OF(PARTITIONS); p++) {
        for (size_t i = 0; i < IRSA_WELL_KNOWN_MAX; i++) {
            const char *document = irsa_well_known_document(arena, 1u << i, PARTITIONS[p]);
            size_t length = document == NULL ? 0 : strlen(document);
            assert_int_equal(irsa_well_known_characters(1u << i, PARTITIONS[p]), length);
            assert_true(document == NULL || strpbrk(document, " \t\r\n") == NULL);
        }
    }
    irsa_arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_first_create_is_one_role_its_policies_and_one_apply),
        cmocka_unit_test(an_absent_namespace_is_made_before_the_role),
        cmocka_unit_test(a_repeat_with_nothing_to_do_has_no_step_although_the_mark_is_older),
        cmocka_unit_test(a_tampered_trust_is_mended_first_and_the_mark_goes_with_it),
        cmocka_unit_test(what_is_not_listed_is_removed_and_what_is_protected_stays),
        cmocka_unit_test(with_a_full_quota_removals_make_room_for_additions),
        cmocka_unit_test(a_lost_ownership_tag_is_put_back),
        cmocka_unit_test(a_boundary_is_set_or_replaced_and_never_removed),
        cmocka_unit_test(a_changed_account_is_applied_under_its_uid_and_version),
        cmocka_unit_test(a_field_of_ours_that_is_no_longer_asked_for_is_taken_back),
        cmocka_unit_test(a_persons_account_gets_the_annotation_and_no_label_of_ours),
        cmocka_unit_test(an_update_of_the_policies_leaves_everything_else),
        cmocka_unit_test(a_delete_removes_the_account_before_the_role_and_denials_last),
        cmocka_unit_test(an_account_that_was_only_annotated_is_released),
        cmocka_unit_test(role_names_are_always_the_same_and_at_most_64_characters),
        cmocka_unit_test(all_well_known_policies_fit_their_role),
        cmocka_unit_test(the_contract_knows_the_size_of_each_document_in_every_partition),
    };
    return RUN_TESTS("a plan is the difference between what is wanted and what is there");
}
