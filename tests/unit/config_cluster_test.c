#include "core/config/cluster_config.h"

#include "core/base/arena.h"
#include "core/contract/request.h"
#include "tests/support/test.h"

static struct irsa_arena *arena;
static struct irsa_error err;

#define CONFIGS_MAX 4

static struct {
    struct irsa_cluster_config at[CONFIGS_MAX];
    size_t count;
} configs;

static bool keep(void *self, const struct irsa_cluster_config *config, struct irsa_error *out_err) {
    (void)self, (void)out_err;
    configs.at[configs.count++] = *config;
    return true;
}

static unsigned problems;

/* The first one is looked at, the others are counted. */
static void note(void *self, const struct irsa_error *problem) {
    (void)self;
    if (problems++ == 0)
        err = *problem;
}

static bool read_text(const char *yaml) {
    const struct irsa_cluster_config_receiver receiver = {.config = keep, .problem = note};
    configs.count = 0;
    problems = 0;
    return irsa_cluster_config_read(arena, "dir/cluster.yaml", yaml, strlen(yaml), &receiver);
}

static void assert_read(const char *yaml) {
    if (!read_text(yaml))
        fail_msg("%s\n%s", yaml, err.message);
}

#define HEAD      "apiVersion: eksctl.io/v1alpha5\nkind: ClusterConfig\n"
#define META      "metadata:\n  name: cluster-13\n  region: us-west-2\n"
#define ACCOUNTS  HEAD META "iam:\n  withOIDC: true\n  serviceAccounts:\n"
#define GRANT     "    attachPolicyARNs: ['arn:aws:iam::aws:policy/A']\n"
#define ONE(name) "  - metadata: {name: " name "}\n" GRANT

static const char *value_of(const struct irsa_pairs *pairs, const char *key) {
    for (size_t i = 0; i < pairs->count; i++)
        if (strcmp(pairs->at[i].key, key) == 0)
            return pairs->at[i].value;
    return NULL;
}

static void the_documentations_example_is_read_and_other_sections_passed_over(void **state) {
    (void)state;
    assert_read("# An example of ClusterConfig with IAMServiceAccounts:\n"
                "---\n" HEAD "\n"
                "metadata:\n"
                "  name: cluster-13\n"
                "  region: us-west-2\n"
                "  version: \"1.31\"\n"
                "  forceUpdateVersion: true\n"
                "  rollbackConfig: {disableRollback: 1}\n"
                "  tags: {costs: shared, Team: platform}\n"
                "  annotations: {irsa.dev/account-id: '111122223333', note: x}\n"
                "\n"
                "iam:\n"
                "  withOIDC: true\n"
                "  vpcResourceControllerPolicy: false\n"
                "  serviceRoleARN: arn:aws:iam::1:role/x\n"
                "  serviceRolePermissionsBoundary: x\n"
                "  fargatePodExecutionRoleARN: x\n"
                "  fargatePodExecutionRolePermissionsBoundary: x\n"
                "  podIdentityAssociations: [{namespace: a}]\n"
                "  serviceAccounts:\n"
                "  - metadata:\n"
                "      name: s3-reader\n"
                "      # if no namespace is set, \"default\" will be used\n"
                "      namespace: backend-apps\n"
                "      labels: {aws-usage: \"application\"}\n"
                "    attachPolicyARNs:\n"
                "    - \"arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess\"\n"
                "    tags:\n"
                "      team: payments\n"
                "    status: {roleARN: x, tags: {a: 1}}\n"
                "  - metadata:\n"
                "      name: cluster-autoscaler\n"
                "      namespace: kube-system\n"
                "    wellKnownPolicies:\n"
                "      autoScaler: on\n"
                "      imageBuilder: no\n"
                "    roleName: eksctl-cluster-autoscaler-role\n"
                "    roleOnly: yes\n"
                "  - metadata: {name: autoscaler-inline}\n"
                "    attachPolicy:\n"
                "      Version: 2012-10-17\n"
                "      Statement:\n"
                "      - Effect: Allow\n"
                "        Action: [\"autoscaling:DescribeTags\"]\n"
                "        Resource: '*'\n"
                "        Condition: {NumericLessThan: {x: 0x10}}\n"
                "  - metadata: {name: attached, labels: }\n"
                "    attachRoleARN: arn:aws:iam::111122223333:role/theirs\n"
                "\n"
                "nodeGroups:\n"
                "  - name: \"ng-1\"\n"
                "    tags: {EC2: yes}\n"
                "    iam: {withAddonPolicies: {imageBuilder: true}}\n"
                "    desiredCapacity: 1\n");
    assert_int_equal(configs.count, 1);
    const struct irsa_cluster_config *config = &configs.at[0];
    assert_string_equal(config->path, "dir/cluster.yaml");
    assert_string_equal(config->cluster.name, "cluster-13");
    assert_string_equal(config->cluster.region, "us-west-2");
    assert_string_equal(config->cluster.account_id, "111122223333");
    assert_true(config->has_iam && config->has_with_oidc && config->with_oidc && config->has_accounts);
    assert_int_equal(config->account_count, 4);

    const struct irsa_service_account *reader = &config->accounts[0].account;
    assert_string_equal(reader->name, "s3-reader");
    assert_string_equal(reader->namespace_name, "backend-apps");
    assert_string_equal(value_of(&reader->labels, "aws-usage"), "application");
    assert_string_equal(reader->attach_policy_arns.at[0], "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess");
    assert_int_equal(reader->tags.count, 2);
    assert_string_equal(value_of(&reader->tags, "costs"), "shared");
    assert_string_equal(value_of(&reader->tags, "team"), "payments");
    assert_int_equal(config->accounts[0].line, 24);

    const struct irsa_service_account *scaler = &config->accounts[1].account;
    assert_int_equal(config->accounts[1].index, 1);
    assert_true(scaler->has_well_known_policies);
    assert_int_equal(scaler->well_known_policies, IRSA_WELL_KNOWN_AUTO_SCALER);
    assert_string_equal(scaler->role_name, "eksctl-cluster-autoscaler-role");
    assert_true(scaler->role_only);

    const struct irsa_service_account *by_document = &config->accounts[2].account;
    assert_string_equal(by_document->namespace_name, "default");
    assert_string_equal(
        by_document->attach_policy,
        "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":"
        "[\"autoscaling:DescribeTags\"],\"Resource\":\"*\",\"Condition\":{\"NumericLessThan\":{\"x\":16}}}]}");
    assert_string_equal(config->accounts[3].account.attach_role_arn, "arn:aws:iam::111122223333:role/theirs");
    assert_int_equal(config->accounts[3].account.tags.count, 0);
    assert_null(config->accounts[3].account.labels.at);
}

static void what_is_there_is_told_from_what_is_absent(void **state) {
    (void)state;
    static const struct {
        const char *iam;
        bool has_iam, has_with_oidc, with_oidc, has_accounts;
    } cases[] = {
        {"", false, false, false, false},
        {"iam:\n", false, false, false, false},
        {"iam: {}\n", true, false, false, false},
        {"iam: {withOIDC: false}\n", true, true, false, false},
        {"iam: {withOIDC: yes, serviceAccounts: []}\n", true, true, true, true},
        {"iam: {withOIDC: , serviceAccounts: }\n", true, false, false, false},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_read(irsa_arena_format(arena, HEAD META "%s", cases[i].iam));
        const struct irsa_cluster_config *config = &configs.at[0];
        assert_int_equal(config->has_iam, cases[i].has_iam);
        assert_int_equal(config->has_with_oidc, cases[i].has_with_oidc);
        assert_int_equal(config->with_oidc, cases[i].with_oidc);
        assert_int_equal(config->has_accounts, cases[i].has_accounts);
        assert_int_equal(config->account_count, 0);
        assert_null(config->cluster.account_id);
    }
}

static void json_works_too(void **state) {
    (void)state;
    assert_read("{\"apiVersion\": \"eksctl.io/v1alpha5\", \"kind\": \"ClusterConfig\",\n"
                " \"metadata\": {\"name\": \"c\", \"region\": \"cn-north-1\"},\n"
                " \"iam\": {\"serviceAccounts\": [{\"metadata\": {\"name\": \"a\"}, \"wellKnownPolicies\": "
                "{\"externalDNS\": true}}]}}");
    assert_int_equal(configs.at[0].account_count, 1);
    assert_int_equal(configs.at[0].accounts[0].line, 3);
}

static void every_document_is_a_cluster_and_empty_ones_are_none(void **state) {
    (void)state;
    assert_read("---\n" ACCOUNTS ONE("a") "---\n# nothing\n---\n" HEAD
                                          "metadata: {name: other, region: us-west-2}\niam: {serviceAccounts: "
                                          "[{metadata: {name: a}, roleOnly: false,"
                                          " attachRoleARN: 'arn:aws:iam::111122223333:role/r'}]}\n---\n");
    assert_int_equal(configs.count, 2);
    assert_string_equal(configs.at[1].cluster.name, "other");
    assert_read("");
    assert_int_equal(configs.count, 0);
}

struct fault {
    const char *yaml;
    const char *place; /* line:column */
    const char *words;
};

static void check_faults(const struct fault *faults, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (read_text(faults[i].yaml))
            fail_msg("%s\nis read", faults[i].yaml);
        const char *prefix = irsa_arena_format(arena, "dir/cluster.yaml:%s: ", faults[i].place);
        if (strncmp(err.message, prefix, strlen(prefix)) != 0 || strstr(err.message, faults[i].words) == NULL)
            fail_msg("%s\nwanted %s … %s\ngot    %s", faults[i].yaml, prefix, faults[i].words, err.message);
        assert_int_equal(configs.count, 0);
    }
}

static void what_is_no_cluster_config_is_refused(void **state) {
    (void)state;
    static const struct fault faults[] = {
        {"- a\n", "1:1", "a ClusterConfig must be a mapping, not an array"},
        {"kind: ClusterConfig\n" META, "1:1",
         "apiVersion is missing; a ClusterConfig has \"apiVersion: eksctl.io/v1alpha5\""},
        {"apiVersion: eksctl.io/v1alpha4\nkind: ClusterConfig\n" META, "1:13",
         "apiVersion: \"eksctl.io/v1alpha4\" is not read"},
        {"apiVersion: v1\nkind: Namespace\n", "1:13", "\"v1\" is not read here"},
        {"apiVersion: eksctl.io/v1alpha5\nkind: NodeGroup\n", "2:7", "kind: \"NodeGroup\" is not read"},
        {"apiVersion: eksctl.io/v1alpha5\n" META, "1:1", "kind is missing"},
        {"apiversion: eksctl.io/v1alpha5\nkind: ClusterConfig\n" META, "1:1", "did you mean apiVersion?"},
        {HEAD, "1:1", "metadata is missing"},
        {HEAD "metdata: {name: c}\n", "3:1", "metdata: this section is unknown; did you mean metadata?"},
        {HEAD META "IAM:\n  withOIDC: true\n", "6:1", "did you mean iam?"},
        {ACCOUNTS ONE("a") "---\nfoo: bar\n", "12:1", "apiVersion is missing"},
    };
    check_faults(faults, COUNT_OF(faults));
}

static void metadata_is_closed_and_judged(void **state) {
    (void)state;
    static const struct fault faults[] = {
        {HEAD "metadata: x\n", "3:11", "metadata: must be an object, not a string"},
        {HEAD "metadata:\n  name: c\n", "4:3", "metadata: region is missing"},
        {HEAD "metadata:\n  name: c\n  region:\n", "4:3", "metadata: region is missing"},
        {HEAD "metadata:\n  name: my cluster\n  region: us-west-2\n", "4:9",
         "metadata.name: \"my cluster\" must be the name"},
        {HEAD "metadata:\n  name: c\n  region: us-west-2a\n", "5:11",
         "metadata.region: \"us-west-2a\" must be an AWS region"},
        {HEAD "metadata:\n  name: 13\n  region: us-west-2\n", "4:9",
         "metadata.name: must be a string, not a number; put it in double quotes"},
        {HEAD META "  accountID: '111122223333'\n", "6:3",
         "metadata.accountID: this field is unknown to eksctl; write annotations: {irsa.dev/account-id:"},
        {HEAD META "  Region: us-west-2\n", "6:3", "metadata.Region: this field is unknown; did you mean region?"},
        {HEAD META "  annotations: {irsa.dev/account-id: 111122223333}\n", "6:38", "put it in double quotes"},
        {HEAD META "  annotations: {irsa.dev/account-id: '1234'}\n", "6:38",
         "\"1234\" must be an AWS account: 12 digits"},
        {HEAD META "  tags: {a: 1}\n", "6:13", "metadata.tags.a: must be a string, not a number"},
        {HEAD META "  tags: {'50%': x}\n", "6:17", "must be the key of a tag"},
        {HEAD META "  tags: {'aws:x': x}\n", "6:19", "is AWS's own"},
        {HEAD META "  tags: {a: x, A: z}\n", "6:19", "is the same key as \"a\""},
    };
    check_faults(faults, COUNT_OF(faults));
}

static void iam_and_its_accounts_are_closed_and_judged(void **state) {
    (void)state;
    static const struct fault faults[] = {
        {HEAD META "iam: yes\n", "6:6", "iam: must be an object, not true"},
        {HEAD META "iam:\n  withOidc: true\n", "7:3", "iam.withOidc: this field is unknown; did you mean withOIDC?"},
        {HEAD META "iam:\n  withOIDC: 'true'\n", "7:13", "iam.withOIDC: must be true or false"},
        {HEAD META "iam:\n  serviceAccount: []\n", "7:3", "did you mean serviceAccounts?"},
        {HEAD META "iam:\n  serviceAccounts: {}\n", "7:20", "iam.serviceAccounts: must be a list, not an object"},
        {ACCOUNTS "  -\n", "9:4", "iam.serviceAccounts[0]: must be an object, not null"},
        {ACCOUNTS "  - {}\n", "9:5", "iam.serviceAccounts[0]: metadata is missing"},
        {ACCOUNTS "  - metadata: {}\n", "9:15", "iam.serviceAccounts[0].metadata: name is missing"},
        {ACCOUNTS ONE("a") "    attachPolicyARNS: []\n", "11:5",
         "serviceAccounts[0].attachPolicyARNS: this field is unknown; did you mean attachPolicyARNs?"},
        {ACCOUNTS ONE("a") ONE("B"), "11:22",
         "iam.serviceAccounts[1].metadata.name: \"B\" must be the name of a service account"},
        {ACCOUNTS "  - metadata: {name: a}\n", "9:5", "iam.serviceAccounts[0]: says nothing of what the role may do"},
        {ACCOUNTS ONE("a") "    tags: {a: 1}\n", "11:15",
         "iam.serviceAccounts[0].tags.a: must be a string, not a number"},
        {ACCOUNTS ONE("a") "    tags: {irsa.dev/x: y}\n", "11:24", "iam.serviceAccounts[0].tags[\"irsa.dev/x\"]: "},
        {ACCOUNTS ONE("a") "    tags: {owner: y}\n", "11:19",
         "tags.owner: must be a string, not y, which YAML reads as true; put it in double quotes"},
        {ACCOUNTS ONE("a") "    tags: {owner: true}\n", "11:19",
         "tags.owner: must be a string, not true; put it in double quotes"},
        {ACCOUNTS ONE("a") "    roleOnly: 1\n", "11:15", "roleOnly: must be true or false"},
        {ACCOUNTS ONE("a") "    attachRoleARN: arn:aws:iam::111122223333:role/r\n", "10:23",
         "attachPolicyARNs: contradicts attachRoleARN"},
        {ACCOUNTS ONE("a") "    permissionsBoundary: arn:aws-cn:iam::aws:policy/x\n", "11:26", "partition aws-cn"},
        {ACCOUNTS "  - metadata: {name: a}\n    attachPolicy: {Statement: [{Effect: Allow, action: x}]}\n", "10:48",
         "iam.serviceAccounts[0].attachPolicy.Statement[0].action: this field is unknown in a policy; did you mean "
         "Action?"},
        {ACCOUNTS "  - metadata: {name: a}\n    attachPolicy: {Version: 2012-10-17}\n", "10:19",
         "attachPolicy: Statement is missing"},
    };
    check_faults(faults, COUNT_OF(faults));
}

static const char *repeated(char c, size_t count) {
    char *text = irsa_arena_alloc(arena, count + 1);
    memset(text, c, count);
    return text;
}

/* eksctl reads all of these without a word, and AWS or Kubernetes refuses them later. */
static void what_aws_or_kubernetes_would_refuse_is_refused_at_its_place(void **state) {
    (void)state;
#define NAMED(metadata) ACCOUNTS "  - metadata: {" metadata "}\n" GRANT
#define LENT(line)                                                                                                     \
    ACCOUNTS "  - metadata: {name: a}\n    attachRoleARN: 'arn:aws:iam::111122223333:role/r'\n    " line "\n"
    const char *policies = "";
    for (int i = 0; i < 26; i++)
        policies = irsa_arena_format(arena, "%s'arn:aws:iam::aws:policy/P%d', ", policies, i);
    const struct fault faults[] = {
        {NAMED("name: a, namespace: My-Apps"), "9:36", "metadata.namespace: \"My-Apps\" must be a namespace"},
        {NAMED("name: a_b"), "9:22", "metadata.name: \"a_b\" must be the name of a service account"},
        {irsa_arena_format(arena, NAMED("name: %s"), repeated('a', 226)), "9:22", "of 256 characters; IAM takes 255"},
        {NAMED("name: a, labels: {team: 'a b'}"), "9:40", "labels.team: \"a b\" must be the value of a label"},
        {NAMED("name: a, labels: {app.kubernetes.io/managed-by: x}"), "9:64", "is for the worker to write"},
        {NAMED("name: a, annotations: {eks.amazonaws.com/role-arn: x}"), "9:67", "give attachRoleARN"},
        {NAMED("name: a, annotations: {eks.amazonaws.com/audience: sts}"), "9:67", "must be \"sts.amazonaws.com\""},
        {NAMED("name: a, annotations: {eks.amazonaws.com/sts-regional-endpoints: 'on'}"), "9:81",
         "must be \"true\" or \"false\""},
        {NAMED("name: a, annotations: {eks.amazonaws.com/token-expiration: 1d}"), "9:75", "in seconds"},
        {irsa_arena_format(arena, ACCOUNTS ONE("a") "    roleName: %s\n", repeated('r', 65)), "11:15",
         "roleName: \"rrr"},
        {ACCOUNTS "  - metadata: {name: a}\n    attachPolicyARNs: [AmazonS3ReadOnlyAccess]\n", "10:24",
         "attachPolicyARNs[0]: \"AmazonS3ReadOnlyAccess\" must be the ARN of a managed policy"},
        {irsa_arena_format(arena, ACCOUNTS "  - metadata: {name: a}\n    attachPolicyARNs: [%s]\n", policies), "10:23",
         "has 26 entries; there may be at most 25"},
        {irsa_arena_format(arena,
                           ACCOUNTS
                           "  - metadata: {name: a}\n    attachPolicy: {Statement: {Effect: Deny, Action: '*', "
                           "Resource: %s}}\n",
                           repeated('r', 10240)),
         "10:19", "IAM takes at most 10240"},
        {irsa_arena_format(arena,
                           ACCOUNTS
                           "  - metadata: {name: a}\n    attachPolicy: {Statement: {Effect: Deny, Action: '*', "
                           "Resource: %s}}\n    wellKnownPolicies: {awsLoadBalancerController: true}\n",
                           repeated('r', 6000)),
         "10:19", "IAM takes at most 10240 together"},
        {LENT("attachPolicy: {Statement: {Effect: Deny, Action: '*', Resource: '*'}}"), "11:19",
         "attachPolicy: contradicts attachRoleARN"},
        {LENT("wellKnownPolicies: {externalDNS: true}"), "11:38", "externalDNS: contradicts attachRoleARN"},
        {LENT("permissionsBoundary: 'arn:aws:iam::aws:policy/b'"), "11:26", "contradicts attachRoleARN"},
        {LENT("roleName: r"), "11:15", "roleName: contradicts attachRoleARN"},
        {LENT("roleOnly: true"), "11:15", "roleOnly: contradicts attachRoleARN"},
        {LENT("tags: {a: b}"), "11:11", "tags: contradicts attachRoleARN"},
        {LENT("subjectPattern: a-*"), "11:21", "subjectPattern: contradicts attachRoleARN"},
    };
    check_faults(faults, COUNT_OF(faults));
    /* The documentation's own example has labels beside roleOnly: they are for whoever makes the account. */
    assert_read(ACCOUNTS "  - metadata: {name: a, labels: {aws-usage: cluster-ops}}\n    roleOnly: true\n" GRANT);
}

static void an_account_is_listed_once_per_cluster(void **state) {
    (void)state;
    static const struct fault faults[] = {
        {ACCOUNTS ONE("a") ONE("b") ONE("a"), "13:5",
         "iam.serviceAccounts[2]: default/a is listed twice; it is in line 9 already"},
        {ACCOUNTS ONE("a") "  - metadata: {name: a, namespace: default}\n" GRANT, "11:5", "default/a is listed twice"},
        {ACCOUNTS ONE("a") "---\n" ACCOUNTS ONE("a"), "20:5", "it is in line 9 already"},
    };
    check_faults(faults, COUNT_OF(faults));
    assert_read(ACCOUNTS ONE("a") "  - metadata: {name: a, namespace: other}\n" GRANT);
}

static void tags_of_the_cluster_count_with_an_accounts_own(void **state) {
    (void)state;
    struct irsa_text text;
    irsa_text_init(&text, arena, SIZE_MAX);
    irsa_text_add(&text, HEAD META "  tags: {");
    for (int i = 0; i < 46; i++)
        irsa_text_addf(&text, "%st%d: v", i == 0 ? "" : ", ", i);
    irsa_text_add(&text, "}\niam:\n  serviceAccounts:\n" ONE("a"));
    assert_read(text.at);
    assert_int_equal(configs.at[0].accounts[0].account.tags.count, 46);
    assert_read(irsa_arena_format(arena, "%s    tags: {T0: w}\n", text.at));
    assert_string_equal(value_of(&configs.at[0].accounts[0].account.tags, "T0"), "w");
    assert_false(read_text(irsa_arena_format(arena, "%s    tags: {more: w}\n", text.at)));
    assert_non_null(strstr(err.message, "has 47 tags together with metadata.tags"));
    assert_non_null(strstr(err.message, "dir/cluster.yaml:9:5: iam.serviceAccounts[0]: "));
}

static void faults_of_the_text_itself_have_the_files_name_too(void **state) {
    (void)state;
    static const struct fault faults[] = {
        {"a: [\n", "2:1", "did not find"},
        {HEAD "\tmetadata: x\n", "3:1", "a tab cannot indent"},
        {HEAD META "metadata: x\n", "6:1", "the key \"metadata\" is repeated; it is in line 3 already"},
    };
    check_faults(faults, COUNT_OF(faults));
    char *big = irsa_arena_alloc(arena, 5 << 20);
    memset(big, ' ', 5 << 20);
    const struct irsa_cluster_config_receiver receiver = {.config = keep, .problem = note};
    problems = 0;
    assert_false(irsa_cluster_config_read(arena, "f", big, 5 << 20, &receiver));
    assert_code(err, TOO_LARGE);
    assert_memory_equal(err.message, "f: the file has", 15);
}

static void every_service_account_and_document_tells_its_problem(void **state) {
    (void)state;
    static const char BAD[] = "  - metadata: {name: Bad}\n" GRANT;
    assert_false(read_text(
        irsa_arena_format(arena, "%s%s%s%s---\nkind: x\n---\n%s%s", ACCOUNTS, BAD, ONE("a"), BAD, ACCOUNTS, BAD)));
    assert_int_equal(problems, 4);
    assert_int_equal(configs.count, 0);
    assert_memory_equal(err.message, "dir/cluster.yaml:9:22: ", 23);
}

static void of_one_file_so_many_problems_are_told_and_no_more(void **state) {
    (void)state;
    struct irsa_text yaml;
    irsa_text_init(&yaml, arena, 65536);
    irsa_text_add(&yaml, ACCOUNTS);
    for (int i = 0; i < 2 * IRSA_CONFIG_PROBLEMS_MAX; i++)
        irsa_text_add(&yaml, "  - metadata: {name: Bad}\n" GRANT);
    assert_false(read_text(yaml.at));
    assert_int_equal(problems, IRSA_CONFIG_PROBLEMS_MAX);
    irsa_text_add(&yaml, "---\n: [\n");
    assert_false(read_text(yaml.at));
    assert_int_equal(problems, IRSA_CONFIG_PROBLEMS_MAX);
}

static bool refuse(void *self, const struct irsa_cluster_config *config, struct irsa_error *out_err) {
    size_t *count = self;
    (void)config;
    out_err->code = IRSA_CODE_CONFLICT;
    strcpy(out_err->message, "mine");
    return ++*count < 2;
}

static void nothing_is_handed_on_before_all_is_read_and_the_receiver_may_stop(void **state) {
    (void)state;
    size_t count = 0;
    const struct irsa_cluster_config_receiver receiver = {.config = refuse, .problem = note, .self = &count};
    problems = 0;
    const char *yaml = ACCOUNTS ONE("a") "---\n" ACCOUNTS ONE("b") "---\n" ACCOUNTS ONE("c");
    assert_false(irsa_cluster_config_read(arena, "f", yaml, strlen(yaml), &receiver));
    assert_int_equal(count, 2);
    assert_code(err, CONFLICT);
    assert_string_equal(err.message, "mine");
    yaml = ACCOUNTS ONE("a") "---\n" ACCOUNTS ONE("B");
    count = 0;
    assert_false(irsa_cluster_config_read(arena, "f", yaml, strlen(yaml), &receiver));
    assert_int_equal(count, 0);
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
        TEST(the_documentations_example_is_read_and_other_sections_passed_over),
        TEST(what_is_there_is_told_from_what_is_absent),
        TEST(json_works_too),
        TEST(every_document_is_a_cluster_and_empty_ones_are_none),
        TEST(what_is_no_cluster_config_is_refused),
        TEST(metadata_is_closed_and_judged),
        TEST(iam_and_its_accounts_are_closed_and_judged),
        TEST(what_aws_or_kubernetes_would_refuse_is_refused_at_its_place),
        TEST(an_account_is_listed_once_per_cluster),
        TEST(tags_of_the_cluster_count_with_an_accounts_own),
        TEST(faults_of_the_text_itself_have_the_files_name_too),
        TEST(every_service_account_and_document_tells_its_problem),
        TEST(of_one_file_so_many_problems_are_told_and_no_more),
        TEST(nothing_is_handed_on_before_all_is_read_and_the_receiver_may_stop),
    };
    return RUN_TESTS("ClusterConfig");
}
