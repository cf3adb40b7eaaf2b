#include "core/contract/request.h"

#include "core/base/arena.h"
#include "tests/support/test.h"

static struct irsa_arena *arena;
static struct irsa_error err;

/* A request in JSON, what is wrong with it (NULL: nothing), the place, and words that the message must have. */
struct verdict {
    const char *json;
    const char *code;
    const char *at;
    const char *words;
};

static bool decode(const char *json) {
    const struct irsa_record record = {.topic = "irsa.requests", .value = json, .value_length = strlen(json)};
    struct irsa_request request;
    return irsa_request_decode(arena, &record, &request, &err);
}

static void judge(const char *json, const struct verdict *wanted) {
    bool is_fine = decode(json);
    if (wanted->code == NULL) {
        if (!is_fine)
            fail_msg("%s is refused: %s", json, err.message);
        return;
    }
    if (is_fine)
        fail_msg("%s is accepted", json);
    if (strcmp(irsa_code_name(err.code), wanted->code) != 0 || strcmp(err.at, wanted->at) != 0 ||
        strstr(err.message, wanted->words) == NULL)
        fail_msg("%s: wanted %s %s %s\ngot %s %s %s", json, wanted->code, wanted->at, wanted->words,
                 irsa_code_name(err.code), err.at, err.message);
}

static void check(const struct verdict *cases, size_t count) {
    for (size_t i = 0; i < count; i++)
        judge(cases[i].json, &cases[i]);
}

/* The same with `json` as members of a service account `a` in us-west-2. */
static void check_accounts(const char *action, const struct verdict *cases, size_t count) {
    for (size_t i = 0; i < count; i++)
        judge(irsa_arena_format(arena,
                                "{\"action\":\"%s\",\"cluster\":{\"name\":\"c\",\"region\":\"us-west-2\"},"
                                "\"serviceAccount\":{\"metadata\":{\"name\":\"a\"}%s}}",
                                action, cases[i].json),
              &cases[i]);
}

/* The same with `json` as options. */
static void check_options(const char *action, const char *rest, const struct verdict *cases, size_t count) {
    for (size_t i = 0; i < count; i++)
        judge(irsa_arena_format(arena,
                                "{\"action\":\"%s\",\"cluster\":{\"name\":\"c\",\"region\":\"us-west-2\"}%s,"
                                "\"options\":{%s}}",
                                action, rest, cases[i].json),
              &cases[i]);
}

#define ARN          "\"arn:aws:iam::aws:policy/A\""
#define ROLE         "\"arn:aws:iam::111122223333:role/r\""
#define SA           ",\"serviceAccount\":{\"metadata\":{\"name\":\"a\"},\"attachPolicyARNs\":[" ARN "]}"
#define GRANTED      ",\"attachPolicyARNs\":[" ARN "]"
#define CLUSTER      "\"cluster\":{\"name\":\"c\",\"region\":\"us-west-2\"}"
#define CREATE(rest) "{\"action\":\"create\"," CLUSTER rest "}"

static void unknown_fields_are_refused_with_what_was_meant(void **state) {
    (void)state;
    static const struct verdict cases[] = {
        {CREATE(SA ",\"option\":{}"), "schema", "/option", "did you mean options?"},
        {CREATE(SA ",\"xyzzy\":1"), "schema", "/xyzzy", "a request has action, cluster, serviceAccount, options"},
        {CREATE(",\"ServiceAccount\":{}"), "schema", "/ServiceAccount", "did you mean serviceAccount?"},
        {"{\"action\":\"create\",\"cluster\":{\"name\":\"c\",\"region\":\"us-west-2\",\"accountId\":\"1\"}}", "schema",
         "/cluster/accountId", "cluster.accountId: this field is unknown; did you mean accountID?"},
        {CREATE(SA ",\"options\":{\"dryrun\":true}"), "schema", "/options/dryrun", "did you mean dryRun?"},
    };
    static const struct verdict accounts[] = {
        {",\"attachPolicyArns\":[]", "schema", "/serviceAccount/attachPolicyArns", "did you mean attachPolicyARNs?"},
        {",\"wellKnownPolicies\":{\"autoscaler\":true}", "schema", "/serviceAccount/wellKnownPolicies/autoscaler",
         "did you mean autoScaler?"},
        {",\"status\":{}", "schema", "/serviceAccount/status", "unknown"},
    };
    check(cases, COUNT_OF(cases));
    check_accounts("create", accounts, COUNT_OF(accounts));
}

static void values_of_the_wrong_type_are_refused_with_the_cure(void **state) {
    (void)state;
    static const struct verdict accounts[] = {
        {",\"roleName\":7", "schema", "/serviceAccount/roleName",
         "must be a string, not a number; put it in double quotes"},
        {",\"roleName\":null", "schema", "/serviceAccount/roleName", "must be a string, not null"},
        {",\"roleOnly\":\"true\"", "schema", "/serviceAccount/roleOnly", "must be true or false, not a string"},
        {",\"attachPolicyARNs\":" ARN, "schema", "/serviceAccount/attachPolicyARNs", "must be a list, not a string"},
        {",\"attachPolicyARNs\":[" ARN ",1]", "schema", "/serviceAccount/attachPolicyARNs/1",
         "attachPolicyARNs[1]: must"},
        {",\"tags\":[]", "schema", "/serviceAccount/tags", "must be an object"},
        {",\"tags\":{\"90\":true}", "schema", "/serviceAccount/tags/90", "serviceAccount.tags[90]: must be a string"},
        {",\"tags\":{\"a.b\":true}", "schema", "/serviceAccount/tags/a.b",
         "serviceAccount.tags[\"a.b\"]: must be a string"},
        {",\"attachPolicy\":\"{}\"", "schema", "/serviceAccount/attachPolicy", "must be an object, not a string"},
        {",\"wellKnownPolicies\":{\"autoScaler\":\"yes\"}", "schema", "/serviceAccount/wellKnownPolicies/autoScaler",
         "must be true or false"},
    };
    static const struct verdict cases[] = {
        {"[]", "schema", "", "must be an object"},
        {"{\"action\":\"creat\"," CLUSTER "}", "schema", "/action", "\"creat\" is unknown; did you mean create?"},
        {"{\"action\":\"CREATE\"," CLUSTER "}", "schema", "/action", "did you mean create?"},
        {"{\"action\":\"launch\"," CLUSTER "}", "schema", "/action", "one of create, update, delete, associate-oidc"},
        {"{\"action\":\"create\",\"cluster\":{}}", "schema", "/cluster", "cluster: name is missing"},
        {"{" CLUSTER "}", "schema", "", "action is missing"},
        {CREATE(""), "schema", "", "serviceAccount is missing"},
        {CREATE(",\"serviceAccount\":{}"), "schema", "/serviceAccount", "metadata is missing"},
        {CREATE(",\"serviceAccount\":{\"metadata\":{}}"), "schema", "/serviceAccount/metadata", "name is missing"},
        {CREATE(SA), NULL, NULL, NULL},
    };
    check_accounts("create", accounts, COUNT_OF(accounts));
    check(cases, COUNT_OF(cases));
}

static void data_of_an_event_that_is_no_object_is_called_data(void **state) {
    (void)state;
    assert_false(decode("{\"specversion\":\"1.0\",\"id\":\"e\",\"source\":\"s\","
                        "\"type\":\"dev.irsa.iamserviceaccount.create.requested.v1\",\"data\":null}"));
    assert_code(err, SCHEMA);
    assert_string_equal(err.message, "data: must be an object, not null");
    assert_string_equal(err.at, "/data");
}

static void a_create_says_what_the_role_may_do(void **state) {
    (void)state;
    static const struct verdict cases[] = {
        {"", "invalid", "/serviceAccount", "says nothing of what the role may do"},
        {",\"permissionsBoundary\":" ARN, "invalid", "/serviceAccount", "says nothing"},
        {",\"attachPolicyARNs\":[],\"attachPolicy\":{},\"wellKnownPolicies\":{\"autoScaler\":false}", "invalid",
         "/serviceAccount", "says nothing"},
        {GRANTED, NULL, NULL, NULL},
        {",\"attachPolicy\":{\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"s3:*\",\"Resource\":\"*\"}}", NULL, NULL,
         NULL},
        {",\"wellKnownPolicies\":{\"externalDNS\":true}", NULL, NULL, NULL},
        {",\"attachRoleARN\":" ROLE, NULL, NULL, NULL},
    };
    check_accounts("create", cases, COUNT_OF(cases));
}

static void an_update_names_something_to_change_on_a_role_of_ours(void **state) {
    (void)state;
    static const struct verdict cases[] = {
        {"", "invalid", "/serviceAccount", "says nothing to change"},
        {",\"roleName\":\"r\"", "invalid", "/serviceAccount", "says nothing to change"},
        {",\"attachRoleARN\":" ROLE, "invalid", "/serviceAccount/attachRoleARN", "belongs to create"},
        {",\"attachPolicyARNs\":[]", NULL, NULL, NULL},
        {",\"attachPolicy\":{}", NULL, NULL, NULL},
        {",\"wellKnownPolicies\":{}", NULL, NULL, NULL},
        {",\"tags\":{}", NULL, NULL, NULL},
        {",\"subjectPattern\":\"a-*\"", NULL, NULL, NULL},
        {",\"permissionsBoundary\":" ARN, NULL, NULL, NULL},
    };
    check_accounts("update", cases, COUNT_OF(cases));
}

static void a_delete_needs_no_more_than_a_name_and_checks_the_rest(void **state) {
    (void)state;
    static const struct verdict cases[] = {
        {"", NULL, NULL, NULL},
        {GRANTED ",\"tags\":{\"a\":\"b\"}", NULL, NULL, NULL},
        {",\"roleName\":\"a b\"", "invalid", "/serviceAccount/roleName", "must be the name of a role"},
    };
    check_accounts("delete", cases, COUNT_OF(cases));
}

static void with_attach_role_arn_nothing_of_a_role_may_be_asked_for(void **state) {
    (void)state;
#define WITH(rest) ",\"attachRoleARN\":" ROLE "," rest
    static const struct verdict cases[] = {
        {WITH("\"attachPolicyARNs\":[" ARN "]"), "invalid", "/serviceAccount/attachPolicyARNs",
         "contradicts attachRoleARN"},
        {WITH("\"attachPolicy\":{\"Statement\":{\"Effect\":\"Deny\",\"Action\":\"*\",\"Resource\":\"*\"}}"), "invalid",
         "/serviceAccount/attachPolicy", "contradicts"},
        {WITH("\"wellKnownPolicies\":{\"imageBuilder\":false,\"certManager\":true}"), "invalid",
         "/serviceAccount/wellKnownPolicies/certManager", "contradicts"},
        {WITH("\"permissionsBoundary\":" ARN), "invalid", "/serviceAccount/permissionsBoundary", "contradicts"},
        {WITH("\"roleName\":\"r\""), "invalid", "/serviceAccount/roleName", "contradicts"},
        {WITH("\"roleOnly\":true"), "invalid", "/serviceAccount/roleOnly", "contradicts"},
        {WITH("\"tags\":{\"a\":\"b\"}"), "invalid", "/serviceAccount/tags", "contradicts"},
        {WITH("\"subjectPattern\":\"a*\""), "invalid", "/serviceAccount/subjectPattern", "contradicts"},
        {WITH("\"attachPolicyARNs\":[],\"attachPolicy\":{},\"wellKnownPolicies\":{},\"roleOnly\":false,\"tags\":{}"),
         NULL, NULL, NULL},
    };
    check_accounts("create", cases, COUNT_OF(cases));
}

/* `count` different ARNs as a JSON list, and `rest` behind it. */
static const char *arns(unsigned count, const char *rest) {
    struct irsa_text text;
    irsa_text_init(&text, arena, SIZE_MAX);
    for (unsigned i = 0; i < count; i++)
        irsa_text_addf(&text, "%s\"arn:aws:iam::aws:policy/P%u\"", i == 0 ? ",\"attachPolicyARNs\":[" : ",", i);
    irsa_text_addf(&text, "]%s", rest);
    return text.at;
}

static void a_role_takes_25_managed_policies_each_once_well_known_ones_included(void **state) {
    (void)state;
    const struct verdict cases[] = {
        {arns(25, ""), NULL, NULL, NULL},
        {arns(26, ""), "invalid", "/serviceAccount/attachPolicyARNs", "has 26 entries; there may be at most 25"},
        {arns(25, ",\"wellKnownPolicies\":{\"autoScaler\":true}"), NULL, NULL, NULL},
        {arns(25, ",\"wellKnownPolicies\":{\"imageBuilder\":true}"), "invalid", "/serviceAccount/attachPolicyARNs",
         "26 managed policies"},
        {arns(24, ",\"wellKnownPolicies\":{\"imageBuilder\":true}"), NULL, NULL, NULL},
        {arns(24, ",\"wellKnownPolicies\":{\"imageBuilder\":true,\"ebsCSIController\":true}"), "invalid",
         "/serviceAccount/attachPolicyARNs", "26"},
        {arns(23, ",\"wellKnownPolicies\":{\"imageBuilder\":true,\"ebsCSIController\":true}"), NULL, NULL, NULL},
        {",\"attachPolicyARNs\":[" ARN ",\"arn:aws:iam::aws:policy/B\"," ARN "]", "invalid",
         "/serviceAccount/attachPolicyARNs/2", "listed twice"},
    };
    check_accounts("create", cases, COUNT_OF(cases));
}

static void arns_are_of_the_partition_of_the_region(void **state) {
    (void)state;
    static const struct verdict cases[] = {
        {",\"attachPolicyARNs\":[" ARN ",\"arn:aws-cn:iam::aws:policy/A\"]", "invalid",
         "/serviceAccount/attachPolicyARNs/1", "partition aws-cn, and the cluster in aws (us-west-2)"},
        {GRANTED ",\"permissionsBoundary\":\"arn:aws-us-gov:iam::111122223333:policy/b\"", "invalid",
         "/serviceAccount/permissionsBoundary", "aws-us-gov"},
        {",\"attachRoleARN\":\"arn:aws-iso-b:iam::111122223333:role/r\"", "invalid", "/serviceAccount/attachRoleARN",
         "aws-iso-b"},
    };
    check_accounts("create", cases, COUNT_OF(cases));
    static const struct verdict china = {"{\"action\":\"create\",\"cluster\":{\"name\":\"c\",\"region\":\"cn-north-1\"}"
                                         ",\"serviceAccount\":{\"metadata\":"
                                         "{\"name\":\"a\"},\"attachPolicyARNs\":[\"arn:aws-cn:iam::aws:policy/A\"]}}",
                                         NULL, NULL, NULL};
    check(&china, 1);
}

static const char *repeated(char c, size_t count) {
    char *text = irsa_arena_alloc(arena, count + 1);
    memset(text, c, count);
    return text;
}

static void the_subject_fits_into_255_characters(void **state) {
    (void)state;
    static const char form[] =
        CREATE(",\"serviceAccount\":{\"metadata\":{\"name\":\"%s\"%s},\"attachPolicyARNs\":[" ARN "]%s}");
    const char *namespace63 = irsa_arena_format(arena, ",\"namespace\":\"%s\"", repeated('n', 63));
    /* "system:serviceaccount:" has 22 characters, "default:" 8 */
    const struct verdict fits[] = {
        {irsa_arena_format(arena, form, repeated('a', 255 - 22 - 8), "", ""), NULL, NULL, NULL},
        {irsa_arena_format(arena, form, repeated('a', 255 - 22 - 64), namespace63, ""), NULL, NULL, NULL},
    };
    const struct verdict too_long[] = {
        {irsa_arena_format(arena, form, repeated('a', 256 - 22 - 8), "", ""), "invalid",
         "/serviceAccount/metadata/name", "of 256 characters; IAM takes 255"},
        {irsa_arena_format(arena, form, repeated('a', 256 - 22 - 64), namespace63, ""), "invalid",
         "/serviceAccount/metadata/name", "256"},
        {irsa_arena_format(arena, form, "a", namespace63,
                           irsa_arena_format(arena, ",\"subjectPattern\":\"%s\"", repeated('*', 256 - 22 - 64))),
         "invalid", "/serviceAccount/subjectPattern", "256"},
    };
    check(fits, COUNT_OF(fits));
    check(too_long, COUNT_OF(too_long));
}

static void reserved_and_repeated_tags_are_refused_whatever_their_case(void **state) {
    (void)state;
#define TAGS(tags) GRANTED ",\"tags\":{" tags "}"
    static const struct verdict cases[] = {
        {TAGS("\"team\":\"a\",\"Cost Center\":\"\""), NULL, NULL, NULL},
        {TAGS("\"irsa.development\":\"\""), NULL, NULL, NULL},
        {TAGS("\"aws:x\":\"\""), "invalid", "/serviceAccount/tags/aws:x", "is AWS's own"},
        {TAGS("\"AWS:x\":\"\""), "invalid", "/serviceAccount/tags/AWS:x", "is AWS's own"},
        {TAGS("\"Irsa.Dev/owner\":\"\""), "invalid", "/serviceAccount/tags/Irsa.Dev~1owner", "for the worker to write"},
        {TAGS("\"alpha.eksctl.io/cluster-name\":\"\""), "invalid", "/serviceAccount/tags/alpha.eksctl.io~1cluster-name",
         "eksctl's"},
        {TAGS("\"eksctl.cluster.k8s.io/v1alpha1/cluster-name\":\"\""), "invalid",
         "/serviceAccount/tags/eksctl.cluster.k8s.io~1v1alpha1~1cluster-name", "eksctl's"},
        {TAGS("\"Team\":\"a\",\"x\":\"\",\"tEAM\":\"b\""), "invalid", "/serviceAccount/tags/tEAM",
         "same key as \"Team\""},
    };
    check_accounts("create", cases, COUNT_OF(cases));
}

static void a_role_has_room_for_46_tags(void **state) {
    (void)state;
    for (unsigned count = 46; count <= 47; count++) {
        struct irsa_text text;
        irsa_text_init(&text, arena, SIZE_MAX);
        irsa_text_add(&text, GRANTED ",\"tags\":{");
        for (unsigned i = 0; i < count; i++)
            irsa_text_addf(&text, "%s\"t%u\":\"v\"", i == 0 ? "" : ",", i);
        irsa_text_add(&text, "}");
        const struct verdict wanted = {text.at, count > 46 ? "invalid" : NULL, "/serviceAccount/tags", "at most 46"};
        check_accounts("create", &wanted, 1);
    }
}

static void labels_and_annotations_of_ours_are_refused_and_the_webhooks_are_judged(void **state) {
    (void)state;
#define META(meta) CREATE(",\"serviceAccount\":{\"metadata\":{\"name\":\"a\"," meta "},\"attachPolicyARNs\":[" ARN "]}")
#define NOTE(note) META("\"annotations\":{" note "}")
#define AT(key)    "/serviceAccount/metadata/annotations/" key
    static const struct verdict cases[] = {
        {META("\"labels\":{\"team\":\"a\"}"), NULL, NULL, NULL},
        {META("\"labels\":{\"app.kubernetes.io/managed-by\":\"x\"}"), "invalid",
         "/serviceAccount/metadata/labels/app.kubernetes.io~1managed-by", "for the worker to write"},
        {META("\"labels\":{\"irsa.dev/x\":\"x\"}"), "invalid", "/serviceAccount/metadata/labels/irsa.dev~1x", "worker"},
        {NOTE("\"example.com/a\":\"any text, ünïcode\\n\""), NULL, NULL, NULL},
        {NOTE("\"app.kubernetes.io/managed-by\":\"x\""), NULL, NULL, NULL},
        {NOTE("\"irsa.dev/request\":\"x\""), "invalid", AT("irsa.dev~1request"), "for the worker to write"},
        {NOTE("\"eks.amazonaws.com/role-arn\":\"x\""), "invalid", AT("eks.amazonaws.com~1role-arn"),
         "give attachRoleARN"},
        {NOTE("\"eks.amazonaws.com/audience\":\"sts.amazonaws.com\""), NULL, NULL, NULL},
        {NOTE("\"eks.amazonaws.com/audience\":\"sts.amazonaws.com.cn\""), "invalid", AT("eks.amazonaws.com~1audience"),
         "must be \"sts.amazonaws.com\""},
        {NOTE("\"eks.amazonaws.com/sts-regional-endpoints\":\"T\""), NULL, NULL, NULL},
        {NOTE("\"eks.amazonaws.com/sts-regional-endpoints\":\"yes\""), "invalid",
         AT("eks.amazonaws.com~1sts-regional-endpoints"), "\"true\" or \"false\""},
        {NOTE("\"eks.amazonaws.com/token-expiration\":\"86400\""), NULL, NULL, NULL},
        {NOTE("\"eks.amazonaws.com/token-expiration\":\"1h\""), "invalid", AT("eks.amazonaws.com~1token-expiration"),
         "in seconds"},
        {NOTE("\"eks.amazonaws.com/token-expiration\":\"1234567890\""), "invalid",
         AT("eks.amazonaws.com~1token-expiration"), "in seconds"},
        {NOTE("\"eks.amazonaws.com/token-expiration\":\"\""), "invalid", AT("eks.amazonaws.com~1token-expiration"),
         "in seconds"},
    };
    check(cases, COUNT_OF(cases));
}

static void the_form_of_an_inline_policy_is_judged(void **state) {
    (void)state;
#define POLICY(text)    ",\"attachPolicy\":{" text "}"
#define STATEMENT(text) POLICY("\"Statement\":[{" text "}]")
#define RULE            "\"Effect\":\"Allow\",\"Action\":\"s3:*\",\"Resource\":\"*\""
#define P               "/serviceAccount/attachPolicy"
    static const struct verdict cases[] = {
        {STATEMENT(RULE), NULL, NULL, NULL},
        {STATEMENT(
             "\"Effect\":\"Deny\",\"NotAction\":[\"a\",\"b\"],\"NotResource\":[\"*\"],\"Sid\":\"S1\",\"Condition\":"
             "{\"NumericLessThan\":{\"x\":1.50}}"),
         NULL, NULL, NULL},
        {POLICY("\"Version\":\"2008-10-17\",\"Id\":\"any thing\",\"Statement\":{" RULE "}"), NULL, NULL, NULL},
        {POLICY("\"Version\":\"2012-10-17\""), "schema", P, "Statement is missing"},
        {POLICY("\"Version\":\"2012-10-18\",\"Statement\":{" RULE "}"), "invalid", P "/Version", "write 2012-10-17"},
        {POLICY("\"Version\":2012,\"Statement\":{" RULE "}"), "schema", P "/Version", "must be a string"},
        {POLICY("\"Statements\":[]"), "schema", P "/Statements", "did you mean Statement?"},
        {POLICY("\"Statement\":[]"), "invalid", P "/Statement", "at least one statement"},
        {POLICY("\"Statement\":\"x\""), "schema", P "/Statement", "an object or a list of objects"},
        {POLICY("\"Statement\":[{" RULE "},7]"), "schema", P "/Statement/1", "must be an object, not a number"},
        {STATEMENT(RULE ",\"Principal\":\"*\""), "schema", P "/Statement/0/Principal",
         "unknown in the policy of a role"},
        {STATEMENT(RULE ",\"condition\":{}"), "schema", P "/Statement/0/condition", "did you mean Condition?"},
        {STATEMENT("\"Action\":\"a\",\"Resource\":\"*\""), "schema", P "/Statement/0", "Effect is missing"},
        {STATEMENT("\"Effect\":\"Allow\",\"Resource\":\"*\""), "schema", P "/Statement/0", "Action is missing"},
        {STATEMENT("\"Effect\":\"Allow\",\"Action\":\"a\""), "schema", P "/Statement/0", "Resource is missing"},
        {STATEMENT("\"Effect\":\"allow\",\"Action\":\"a\",\"Resource\":\"*\""), "invalid", P "/Statement/0/Effect",
         "must be Allow or Deny"},
        {STATEMENT(RULE ",\"NotAction\":\"b\""), "invalid", P "/Statement/0/NotAction",
         "Action or NotAction, not both"},
        {STATEMENT(RULE ",\"NotResource\":\"b\""), "invalid", P "/Statement/0/NotResource", "not both"},
        {STATEMENT(RULE ",\"Sid\":\"a b\""), "invalid", P "/Statement/0/Sid", "letters and digits"},
        {STATEMENT("\"Effect\":\"Allow\",\"Action\":[],\"Resource\":\"*\""), "invalid", P "/Statement/0/Action",
         "empty"},
        {STATEMENT("\"Effect\":\"Allow\",\"Action\":[\"\"],\"Resource\":\"*\""), "invalid", P "/Statement/0/Action/0",
         "empty"},
        {STATEMENT("\"Effect\":\"Allow\",\"Action\":{},\"Resource\":\"*\""), "schema", P "/Statement/0/Action",
         "a string or a list"},
        {STATEMENT(RULE ",\"Condition\":[]"), "schema", P "/Statement/0/Condition", "must be an object"},
        {STATEMENT(RULE ",\"Condition\":{\"a\":{\"b\":[1,1e999]}}"), "schema", P "/Statement/0/Condition/a/b/1",
         "too large"},
    };
    check_accounts("create", cases, COUNT_OF(cases));
}

static void an_inline_policy_has_10240_characters_that_are_no_white_space(void **state) {
    (void)state;
    static const char form[] = POLICY("\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"s3:*\",\"Resource\":\"%s\"}");
    size_t frame = strlen("{\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"s3:*\",\"Resource\":\"\"}}");
    const char *umlauts = irsa_arena_format(arena, "ü%s", repeated('r', 10240 - frame - 1));
    const struct verdict cases[] = {
        {irsa_arena_format(arena, form, repeated('r', 10240 - frame)), NULL, NULL, NULL},
        {irsa_arena_format(arena, form, repeated('r', 10241 - frame)), "invalid", P, "has 10241 characters"},
        {irsa_arena_format(arena, form, umlauts), NULL, NULL, NULL},
        {irsa_arena_format(arena, form, irsa_arena_format(arena, "%s   ", repeated('r', 10240 - frame))), NULL, NULL,
         NULL},
    };
    check_accounts("create", cases, COUNT_OF(cases));
}

static void the_inline_policies_of_a_role_have_10240_characters_together(void **state) {
    (void)state;
    static const char form[] = POLICY(
        "\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"s3:*\",\"Resource\":\"%s\"}") ",\"wellKnownPolicies\":{%s}";
    size_t frame = strlen("{\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"s3:*\",\"Resource\":\"\"}}");
    size_t others = irsa_well_known_characters(
        IRSA_WELL_KNOWN_AWS_LOAD_BALANCER_CONTROLLER | IRSA_WELL_KNOWN_EFS_CSI_CONTROLLER, "aws");
    static const char both[] = "\"awsLoadBalancerController\":true,\"efsCSIController\":true,\"imageBuilder\":true";
    const struct verdict cases[] = {
        {irsa_arena_format(arena, form, repeated('r', 10240 - frame - others), both), NULL, NULL, NULL},
        {irsa_arena_format(arena, form, repeated('r', 10241 - frame - others), both), "invalid", P,
         irsa_arena_format(arena, "has %zu characters without white space, and wellKnownPolicies has %zu",
                           10241 - others, others)},
        {irsa_arena_format(arena, form, repeated('r', 10240 - frame), "\"imageBuilder\":true"), NULL, NULL, NULL},
    };
    check_accounts("create", cases, COUNT_OF(cases));
}

static void an_option_belongs_to_its_actions(void **state) {
    (void)state;
    static const struct {
        const char *json, *at;
        bool is_fine[IRSA_ACTION_COUNT]; /* create, update, delete, associate-oidc */
    } rows[] = {
        {"\"overrideExistingServiceAccounts\":true",
         "/options/overrideExistingServiceAccounts",
         {true, true, false, false}},
        {"\"withOIDC\":true", "/options/withOIDC", {true, true, false, true}},
        {"\"dryRun\":true", "/options/dryRun", {true, true, true, true}},
        {"\"adopt\":true", "/options/adopt", {true, true, false, false}},
        {"\"clusterGone\":true", "/options/clusterGone", {false, false, true, false}},
        {"\"expect\":{\"roleID\":\"AROAEXAMPLEID12345678\"}", "/options/expect", {false, false, true, false}},
        {"\"expect\":{\"uid\":\"5d1c8f0e-7a4b-4c55-9a56-0f4f6d1c2b3a\"}",
         "/options/expect",
         {false, false, true, false}},
        {"\"clusterGone\":false,\"adopt\":false,\"withOIDC\":false", "", {true, true, true, true}},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        for (int action = 0; action < IRSA_ACTION_COUNT; action++) {
            const struct verdict wanted = {rows[i].json, rows[i].is_fine[action] ? NULL : "invalid", rows[i].at,
                                           "is no option of"};
            check_options(irsa_action_name((enum irsa_action)action), action == IRSA_ACTION_ASSOCIATE_OIDC ? "" : SA,
                          &wanted, 1);
        }
    }
}

static void what_a_delete_expects_is_something_and_of_the_right_form(void **state) {
    (void)state;
    static const struct verdict cases[] = {
        {"\"expect\":{}", "invalid", "/options/expect", "roleID, uid or both"},
        {"\"expect\":{\"roleID\":\"my-role\"}", "invalid", "/options/expect/roleID", "unique id of a role"},
        {"\"expect\":{\"uid\":\"1\"}", "invalid", "/options/expect/uid", "a UUID"},
        {"\"expect\":{\"roleId\":\"x\"}", "schema", "/options/expect/roleId", "did you mean roleID?"},
    };
    check_options("delete", SA, cases, COUNT_OF(cases));
}

static void associate_oidc_speaks_of_the_cluster_alone(void **state) {
    (void)state;
    static const struct verdict cases[] = {
        {"{\"action\":\"associate-oidc\"," CLUSTER "}", NULL, NULL, NULL},
        {"{\"action\":\"associate-oidc\"," CLUSTER SA "}", "invalid", "/serviceAccount", "the cluster alone"},
    };
    check(cases, COUNT_OF(cases));
}

static void of_several_faults_the_form_comes_before_the_rules(void **state) {
    (void)state;
    static const struct verdict cases[] = {
        {CREATE(",\"serviceAccount\":{\"metadata\":{\"name\":\"A\"},\"roleName\":1}"), "schema",
         "/serviceAccount/roleName", ""},
        {CREATE(",\"serviceAccount\":{\"metadata\":{\"name\":\"A\"},\"attachPolicy\":{\"Foo\":1}}"), "schema",
         "/serviceAccount/attachPolicy/Foo", ""},
        {CREATE(",\"serviceAccount\":{\"metadata\":{\"name\":\"A\"}}"), "invalid", "/serviceAccount/metadata/name", ""},
    };
    check(cases, COUNT_OF(cases));
}

static void an_error_knows_line_and_column_of_the_value(void **state) {
    (void)state;
    assert_false(decode("{\"action\": \"create\",\n \"cluster\": {\"name\": \"c\", \"region\": \"mars\"},\n"
                        " \"serviceAccount\": {\"metadata\": {\"name\": \"a\"}}}"));
    assert_int_equal(err.line, 2);
    assert_int_equal(err.column, 37);
    assert_false(decode("{\"action\": \"create\",\n\n  \"clutser\": {}}"));
    assert_int_equal(err.line, 3);
    assert_int_equal(err.column, 3);
}

static int set_up(void **state) {
    (void)state;
    arena = irsa_arena_new();
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    irsa_arena_free(arena);
    return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(unknown_fields_are_refused_with_what_was_meant),
        TEST(values_of_the_wrong_type_are_refused_with_the_cure),
        TEST(data_of_an_event_that_is_no_object_is_called_data),
        TEST(a_create_says_what_the_role_may_do),
        TEST(an_update_names_something_to_change_on_a_role_of_ours),
        TEST(a_delete_needs_no_more_than_a_name_and_checks_the_rest),
        TEST(with_attach_role_arn_nothing_of_a_role_may_be_asked_for),
        TEST(a_role_takes_25_managed_policies_each_once_well_known_ones_included),
        TEST(arns_are_of_the_partition_of_the_region),
        TEST(the_subject_fits_into_255_characters),
        TEST(reserved_and_repeated_tags_are_refused_whatever_their_case),
        TEST(a_role_has_room_for_46_tags),
        TEST(labels_and_annotations_of_ours_are_refused_and_the_webhooks_are_judged),
        TEST(the_form_of_an_inline_policy_is_judged),
        TEST(an_inline_policy_has_10240_characters_that_are_no_white_space),
        TEST(the_inline_policies_of_a_role_have_10240_characters_together),
        TEST(an_option_belongs_to_its_actions),
        TEST(what_a_delete_expects_is_something_and_of_the_right_form),
        TEST(associate_oidc_speaks_of_the_cluster_alone),
        TEST(of_several_faults_the_form_comes_before_the_rules),
        TEST(an_error_knows_line_and_column_of_the_value),
    };
    return RUN_TESTS("rules of requests");
}
