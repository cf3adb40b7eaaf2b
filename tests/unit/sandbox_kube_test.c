/*
 * The sandbox's API server without sockets: preconditions, the order of its checks, refusals, removal.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/unit/sandbox_fixture.h"

#define NAMESPACES "/api/v1/namespaces"
#define ACCOUNTS   NAMESPACES "/default/serviceaccounts"
#define X          ACCOUNTS "/x"
#define APPLY      "application/apply-patch+yaml"
#define MERGE      "application/merge-patch+json"

/* A service account of the name, with more of its metadata and what comes behind it. */
#define OF_KIND(kind)               "{\"apiVersion\":\"v1\",\"kind\":\"" kind "\",\"metadata\":"
#define HEAD(name)                  OF_KIND("ServiceAccount") "{\"name\":\"" name "\""
#define ACCOUNT_X(more)             HEAD("x") more "}}"
#define LABEL(value)                ",\"labels\":{\"a\":\"" value "\"}"
#define FINALIZER                   ",\"finalizers\":[\"example.com/hold\"]"
#define NAMESPACE(name)             OF_KIND("Namespace") "{\"name\":\"" name "\"}}"
#define PRECONDITION(member, value) "{\"preconditions\":{\"" member "\":\"" value "\"}}"

static struct irsa_httpd_reply apply(struct box *box, const char *manager, const char *body) {
    return box_kube(box, "PATCH", irsa_arena_format(box->arena, X "?fieldManager=%s", manager), body, APPLY);
}

static struct irsa_httpd_reply get(struct box *box, const char *path) {
    return box_kube(box, "GET", path, NULL, NULL);
}

static const char *metadata_of(struct box *box, struct irsa_httpd_reply reply, const char *key) {
    return irsa_json_get_text(irsa_json_get(box_json(box, &reply), "metadata"), key);
}

/* Another UUID than any object has. */
#define NO_UID "11111111-1111-1111-1111-111111111111"

static void resource_version_one_only_creates(void **state) {
    assert_reply(apply(*state, "irsa", ACCOUNT_X(",\"resourceVersion\":\"1\"")), 201, "");
    assert_reply(apply(*state, "irsa", ACCOUNT_X(",\"resourceVersion\":\"1\"")), 409,
                 "the object has been modified; please apply your changes to the latest version and try again");
}

static void a_conflict_of_managers_is_told_before_a_stale_version(void **state) {
    assert_reply(apply(*state, "helm", ACCOUNT_X(LABEL("1"))), 201, "");
    struct irsa_httpd_reply refused = apply(*state, "irsa", ACCOUNT_X(LABEL("2") ",\"resourceVersion\":\"1\""));
    assert_reply(refused, 409, "conflict with \\\"helm\\\": .metadata.labels.a");
    assert_reply(refused, 409, "FieldManagerConflict");
}

static void a_uid_names_the_object_that_is_meant(void **state) {
    assert_reply(apply(*state, "irsa", ACCOUNT_X(",\"uid\":\"" NO_UID "\"")), 409, "and no existing object was found");
    assert_reply(apply(*state, "irsa", ACCOUNT_X("")), 201, "");
    assert_reply(apply(*state, "irsa", ACCOUNT_X(",\"uid\":\"" NO_UID "\"")), 422, "field is immutable");
    assert_reply(box_kube(*state, "PUT", X, ACCOUNT_X(",\"uid\":\"" NO_UID "\""), NULL), 409,
                 "UID in precondition: " NO_UID);
    assert_reply(box_kube(*state, "DELETE", X, PRECONDITION("uid", NO_UID), NULL), 409,
                 "does not match the UID in record");
    assert_reply(get(*state, X), 200, "");
}

static void a_refused_write_changes_nothing(void **state) {
    assert_reply(apply(*state, "helm", ACCOUNT_X(LABEL("1"))), 201, "");
    const struct irsa_httpd_reply before = get(*state, X);
    assert_reply(apply(*state, "irsa", ACCOUNT_X(LABEL("2"))), 409, "");
    assert_reply(apply(*state, "helm", ACCOUNT_X(LABEL("no spaces!"))), 422, "a valid label must be");
    assert_reply(apply(*state, "helm", ACCOUNT_X(",\"bogus\":1")), 500,
                 ".metadata.bogus: field not declared in schema");
    assert_reply(box_kube(*state, "PATCH", X, "{\"metadata\":{\"name\":\"y\"}}", MERGE), 400,
                 "does not match the name");
    assert_string_equal(get(*state, X).body, before.body);
}

static void a_dry_run_says_what_would_be_and_leaves_what_is(void **state) {
    assert_reply(box_kube(*state, "PATCH", X "?fieldManager=irsa&dryRun=All", ACCOUNT_X(""), APPLY), 201, "");
    assert_reply(get(*state, X), 404, "serviceaccounts \\\"x\\\" not found");
    assert_reply(apply(*state, "irsa", ACCOUNT_X(LABEL("1"))), 201, "");
    const struct irsa_httpd_reply before = get(*state, X);
    assert_reply(box_kube(*state, "PATCH", X "?fieldManager=irsa&dryRun=All", ACCOUNT_X(LABEL("2")), APPLY), 200,
                 "\"a\":\"2\"");
    assert_reply(box_kube(*state, "DELETE", X "?dryRun=All", NULL, NULL), 200, "");
    assert_string_equal(get(*state, X).body, before.body);
}

static void an_apply_that_changes_nothing_keeps_the_version(void **state) {
    const char *made = metadata_of(*state, apply(*state, "irsa", ACCOUNT_X(LABEL("1"))), "resourceVersion");
    const char *again = metadata_of(*state, apply(*state, "irsa", ACCOUNT_X(LABEL("1"))), "resourceVersion");
    const char *changed = metadata_of(*state, apply(*state, "irsa", ACCOUNT_X(LABEL("2"))), "resourceVersion");
    assert_string_equal(made, again);
    assert_string_not_equal(made, changed);
}

static void an_object_with_a_finalizer_stays_until_it_is_dropped(void **state) {
    assert_reply(apply(*state, "irsa", ACCOUNT_X(FINALIZER)), 201, "");
    assert_reply(box_kube(*state, "DELETE", X, NULL, NULL), 200, "\"deletionTimestamp\":\"2026-11-24T10:03:31Z\"");
    assert_reply(get(*state, X), 200, "\"deletionGracePeriodSeconds\":0");
    assert_reply(box_kube(*state, "POST", ACCOUNTS, ACCOUNT_X(""), NULL), 409, "object is being deleted");
    assert_reply(apply(*state, "irsa", ACCOUNT_X("")), 200, "");
    assert_reply(get(*state, X), 404, "");
}

static void what_is_deleted_and_made_again_is_another_object(void **state) {
    const char *first = metadata_of(*state, apply(*state, "irsa", ACCOUNT_X("")), "uid");
    assert_reply(box_kube(*state, "DELETE", X, PRECONDITION("resourceVersion", "1"), NULL), 409,
                 "does not match the ResourceVersion in record");
    assert_reply(box_kube(*state, "DELETE", X, NULL, NULL), 200, "");
    assert_string_not_equal(first, metadata_of(*state, apply(*state, "irsa", ACCOUNT_X("")), "uid"));
}

static void a_namespace_that_goes_away_takes_nothing_new(void **state) {
    const char accounts[] = NAMESPACES "/going/serviceaccounts";
    assert_reply(box_kube(*state, "POST", NAMESPACES, NAMESPACE("going"), NULL), 201, "\"phase\":\"Active\"");
    assert_reply(box_kube(*state, "POST", accounts, ACCOUNT_X(""), NULL), 201, "");
    assert_reply(box_kube(*state, "DELETE", NAMESPACES "/going", NULL, NULL), 200, "\"phase\":\"Terminating\"");
    assert_reply(box_kube(*state, "POST", accounts, HEAD("y") "}}", NULL), 403, "NamespaceTerminating");
    assert_reply(get(*state, NAMESPACES "/going/serviceaccounts/x"), 200, "");
    assert_reply(box_kube(*state, "PUT", NAMESPACES "/going/finalize", NAMESPACE("going"), NULL), 200, "");
    assert_reply(get(*state, NAMESPACES "/going"), 404, "namespaces \\\"going\\\" not found");
}

static void namespaces_of_the_system_are_not_deleted(void **state) {
    assert_reply(box_kube(*state, "DELETE", NAMESPACES "/default", NULL, NULL), 403,
                 "this namespace may not be deleted");
    assert_reply(box_kube(*state, "DELETE", NAMESPACES, NULL, NULL), 405, "MethodNotAllowed");
}

static void a_namespace_without_a_name_is_invalid(void **state) {
    assert_reply(box_kube(*state, "POST", NAMESPACES, "{\"kind\":\"Namespace\"}", NULL), 422,
                 "metadata.name: Required value: name or generateName is required");
}

static void a_delete_without_a_name_empties_the_namespace(void **state) {
    assert_reply(apply(*state, "irsa", ACCOUNT_X("")), 201, "");
    assert_reply(box_kube(*state, "POST", NAMESPACES, NAMESPACE("other"), NULL), 201, "");
    assert_reply(box_kube(*state, "POST", NAMESPACES "/other/serviceaccounts", ACCOUNT_X(""), NULL), 201, "");
    assert_reply(box_kube(*state, "DELETE", ACCOUNTS, NULL, NULL), 200, "ServiceAccountList");
    assert_reply(get(*state, X), 404, "");
    assert_reply(get(*state, NAMESPACES "/other/serviceaccounts/x"), 200, "");
}

static void bodies_that_are_none_are_refused_each_in_its_way(void **state) {
    static const struct {
        const char *method, *target, *body, *type;
        int status;
        const char *text;
    } rows[] = {
        {"POST", ACCOUNTS, "", NULL, 400, "unexpected end of JSON input (<empty>)"},
        {"POST", ACCOUNTS, "hello", NULL, 400, "invalid character 'h' looking for beginning of value (68656c6c6f)"},
        {"POST", ACCOUNTS, "{\"kind\":\"Secret\"}", NULL, 400, "unknown conversion"},
        {"POST", ACCOUNTS, "{}", "text/plain", 415, "UnsupportedMediaType"},
        {"POST", ACCOUNTS, "{\"metadata\":{\"name\":\"x\",\"labels\":{\"a\":1}}}", NULL, 400,
         "cannot unmarshal number into Go struct field ObjectMeta.metadata.labels of type string"},
        {"PATCH", X "?fieldManager=irsa", "{\"metadata\":{}}", APPLY, 400, "invalid object type: /, Kind="},
        {"PATCH", X "?fieldManager=irsa", "{\"a\":", APPLY, 400, "error decoding YAML"},
        {"PATCH", X "?fieldManager=irsa", "kind: x", APPLY, 400, "the sandbox reads JSON only"},
        {"PATCH", X, ACCOUNT_X(""), APPLY, 422, "fieldManager: Required value: is required for apply patch"},
        {"PATCH", X "?force=true", "{}", MERGE, 422, "force: Forbidden: may not be specified for non-apply patch"},
        {"PATCH", X, "[]", MERGE, 400, "error decoding patch"},
        {"PATCH", X, "{}", "application/json", 415, "415: Unsupported Media Type"},
        {"DELETE", X, "{\"a\"", NULL, 400, "couldn't get version/kind"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_reply(box_kube(*state, rows[i].method, rows[i].target, rows[i].body, rows[i].type), rows[i].status,
                     rows[i].text);
}

static void of_secrets_only_their_names_are_kept(void **state) {
    assert_reply(
        box_kube(*state, "POST", ACCOUNTS, HEAD("x") "},\"secrets\":[{\"name\":\"s\",\"namespace\":\"y\"}]}", NULL),
        201, "\"secrets\":[{\"name\":\"s\"}]");
}

static struct irsa_httpd_reply ask_as(struct box *box, const char *token, const char *path) {
    const char *authorization = token == NULL ? "" : irsa_arena_format(box->arena, "Bearer %s", token);
    const struct irsa_httpd_field headers[] = {{"authorization", authorization}};
    const struct irsa_httpd_request request = {.method = "GET", .target = path, .headers = headers, .header_count = 1};
    return box_call(box, (struct irsa_sandbox_origin){.door = IRSA_SANDBOX_KUBERNETES}, &request);
}

static void whoever_has_no_rights_learns_nothing_of_what_there_is(void **state) {
    static const char *const paths[] = {X, ACCOUNTS, NAMESPACES "/none", "/api/v1/secrets", "/nope", "/"};
    (void)box_control(*state, "PUT", "/world",
                      "{\"clusters\":{\"" REGION "/" CLUSTER "\":{\"tokens\":{\"p\":{\"user\":\"plain\"}}}}}");
    for (size_t i = 0; i < COUNT_OF(paths); i++) {
        assert_reply(ask_as(*state, "p", paths[i]), 403, "User \\\"plain\\\" cannot ");
        assert_reply(ask_as(*state, NULL, paths[i]), 403, "User \\\"system:anonymous\\\" cannot ");
        assert_reply(ask_as(*state, "wrong", paths[i]), 401, "Unauthorized");
    }
    assert_reply(ask_as(*state, NULL, "/readyz"), 200, "ok");
    assert_reply(ask_as(*state, NULL, "/version"), 200, "v1.35");
    assert_reply(ask_as(*state, "p", "/api/v1"), 200, "APIResourceList");
    assert_reply(ask_as(*state, NULL, "/api/v1"), 403, "cannot get path");
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, box_open, box_close)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(resource_version_one_only_creates),
        CASE(a_conflict_of_managers_is_told_before_a_stale_version),
        CASE(a_uid_names_the_object_that_is_meant),
        CASE(a_refused_write_changes_nothing),
        CASE(a_dry_run_says_what_would_be_and_leaves_what_is),
        CASE(an_apply_that_changes_nothing_keeps_the_version),
        CASE(an_object_with_a_finalizer_stays_until_it_is_dropped),
        CASE(what_is_deleted_and_made_again_is_another_object),
        CASE(a_namespace_that_goes_away_takes_nothing_new),
        CASE(namespaces_of_the_system_are_not_deleted),
        CASE(a_namespace_without_a_name_is_invalid),
        CASE(a_delete_without_a_name_empties_the_namespace),
        CASE(bodies_that_are_none_are_refused_each_in_its_way),
        CASE(of_secrets_only_their_names_are_kept),
        CASE(whoever_has_no_rights_learns_nothing_of_what_there_is),
    };
    return cmocka_run_group_tests_name("sandbox_kube", tests, NULL, NULL);
}
