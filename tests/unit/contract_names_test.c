#include "core/contract/names.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/support/test.h"

struct name {
    irsa_name_rule_fn *rule;
    const char *value;
};

static void check(const struct name *cases, size_t count, bool is_fine) {
    for (size_t i = 0; i < count; i++) {
        const char *problem = cases[i].rule(cases[i].value);
        if ((problem == NULL) != is_fine)
            fail_msg("\"%s\" (case %zu) is %s", cases[i].value, i, is_fine ? problem : "accepted");
    }
}

/* `count` times the same character. Static, one at a time. */
static const char *times(size_t count, char c) {
    static char texts[8][3000];
    static int next;
    char *text = texts[next++ % 8];
    memset(text, c, count);
    text[count] = '\0';
    return text;
}

static const char *joined(const char *a, const char *b, const char *c) {
    static char texts[8][4000];
    static int next;
    char *text = texts[next++ % 8];
    snprintf(text, sizeof texts[0], "%s%s%s", a, b, c);
    return text;
}

static void names_of_clusters_and_accounts_are_judged_as_eks_and_aws_do(void **state) {
    (void)state;
    const struct name fine[] = {
        {irsa_rule_cluster_name, "c"},           {irsa_rule_cluster_name, "cluster-13"},
        {irsa_rule_cluster_name, "7_Clusters-"}, {irsa_rule_cluster_name, times(100, 'a')},
        {irsa_rule_account_id, "111122223333"},  {irsa_rule_account_id, "000000000000"},
    };
    const struct name wrong[] = {
        {irsa_rule_cluster_name, ""},
        {irsa_rule_cluster_name, "-cluster"},
        {irsa_rule_cluster_name, "_cluster"},
        {irsa_rule_cluster_name, "clus.ter"},
        {irsa_rule_cluster_name, "clus/ter"},
        {irsa_rule_cluster_name, "clüster"},
        {irsa_rule_cluster_name, "cluster\n"},
        {irsa_rule_cluster_name, times(101, 'a')},
        {irsa_rule_account_id, ""},
        {irsa_rule_account_id, "11112222333"},
        {irsa_rule_account_id, "1111222233334"},
        {irsa_rule_account_id, "1111-2222-33"},
        {irsa_rule_account_id, "11112222333a"},
        {irsa_rule_account_id, "١١١١٢٢٢٢٣٣٣٣"},
    };
    check(fine, COUNT_OF(fine), true);
    check(wrong, COUNT_OF(wrong), false);
}

static void regions_of_every_partition_are_regions_and_zones_are_not(void **state) {
    (void)state;
    const struct name fine[] = {
        {irsa_rule_region, "us-west-2"},
        {irsa_rule_region, "cn-northwest-1"},
        {irsa_rule_region, "us-gov-west-1"},
        {irsa_rule_region, "us-iso-east-1"},
        {irsa_rule_region, "us-isob-east-1"},
        {irsa_rule_region, "eu-isoe-west-1"},
        {irsa_rule_region, "us-isof-south-1"},
        {irsa_rule_region, "eusc-de-east-1"},
        {irsa_rule_region, "ap-southeast-12"},
        {irsa_rule_region, "mx-central-1"},
        {irsa_rule_region, joined("us-", times(26, 'w'), "-12")},
        {irsa_rule_region, joined("us-", times(27, 'w'), "-1")},
    };
    const struct name wrong[] = {
        {irsa_rule_region, ""},
        {irsa_rule_region, "us-west-2a"},
        {irsa_rule_region, "us-west"},
        {irsa_rule_region, "US-WEST-2"},
        {irsa_rule_region, "u-west-2"},
        {irsa_rule_region, "us-west-2-"},
        {irsa_rule_region, "us--west-2"},
        {irsa_rule_region, "us-west-123"},
        {irsa_rule_region, "us-a-b-c-1"},
        {irsa_rule_region, "us-west-"},
        {irsa_rule_region, "us-2"},
        {irsa_rule_region, "us.west.2"},
        {irsa_rule_region, joined("us-", times(27, 'w'), "-12")},
    };
    check(fine, COUNT_OF(fine), true);
    check(wrong, COUNT_OF(wrong), false);
}

static void names_in_kubernetes_are_dns_names(void **state) {
    (void)state;
    const struct name fine[] = {
        {irsa_rule_namespace, "default"},
        {irsa_rule_namespace, "a"},
        {irsa_rule_namespace, "0-9"},
        {irsa_rule_namespace, times(63, 'n')},
        {irsa_rule_account_name, "s3-reader"},
        {irsa_rule_account_name, "a.b-c.d0"},
        {irsa_rule_account_name, times(253, 'a')},
    };
    const struct name wrong[] = {
        {irsa_rule_namespace, ""},
        {irsa_rule_namespace, "a.b"},
        {irsa_rule_namespace, "-a"},
        {irsa_rule_namespace, "a-"},
        {irsa_rule_namespace, "Apps"},
        {irsa_rule_namespace, "a_b"},
        {irsa_rule_namespace, times(64, 'n')},
        {irsa_rule_account_name, ""},
        {irsa_rule_account_name, "."},
        {irsa_rule_account_name, "a..b"},
        {irsa_rule_account_name, "a."},
        {irsa_rule_account_name, ".a"},
        {irsa_rule_account_name, "a.-b"},
        {irsa_rule_account_name, "a-.b"},
        {irsa_rule_account_name, "S3"},
        {irsa_rule_account_name, "ns/name"},
        {irsa_rule_account_name, "a_b"},
        {irsa_rule_account_name, "a\n"},
        {irsa_rule_account_name, times(254, 'a')},
    };
    check(fine, COUNT_OF(fine), true);
    check(wrong, COUNT_OF(wrong), false);
}

static void keys_and_values_of_labels_are_judged_as_kubernetes_does(void **state) {
    (void)state;
    const struct name fine[] = {
        {irsa_rule_label_key, "team"},
        {irsa_rule_label_key, "A.b_c-9"},
        {irsa_rule_label_key, "app.kubernetes.io/part-of"},
        {irsa_rule_label_key, joined(times(253, 'p'), "/", times(63, 'n'))},
        {irsa_rule_label_value, ""},
        {irsa_rule_label_value, "v1.2_3-x"},
        {irsa_rule_label_value, times(63, 'v')},
        {irsa_rule_annotation_key, "Example.COM/Owner"},
        {irsa_rule_annotation_key, "eks.amazonaws.com/audience"},
    };
    const struct name wrong[] = {
        {irsa_rule_label_key, ""},
        {irsa_rule_label_key, "/name"},
        {irsa_rule_label_key, "prefix/"},
        {irsa_rule_label_key, "a/b/c"},
        {irsa_rule_label_key, "my team"},
        {irsa_rule_label_key, "-team"},
        {irsa_rule_label_key, "team."},
        {irsa_rule_label_key, "Example.com/team"},
        {irsa_rule_label_key, "a..b/team"},
        {irsa_rule_label_key, times(64, 'n')},
        {irsa_rule_label_key, joined(times(254, 'p'), "/", "n")},
        {irsa_rule_label_value, "a b"},
        {irsa_rule_label_value, "1."},
        {irsa_rule_label_value, "_"},
        {irsa_rule_label_value, times(64, 'v')},
        {irsa_rule_annotation_key, ""},
        {irsa_rule_annotation_key, "on call"},
        {irsa_rule_annotation_key, times(64, 'k')},
    };
    check(fine, COUNT_OF(fine), true);
    check(wrong, COUNT_OF(wrong), false);
}

static void roles_and_policies_are_judged_as_iam_does(void **state) {
    (void)state;
    const struct name fine[] = {
        {irsa_rule_role_name, "s3-reader+=,.@_"},
        {irsa_rule_role_name, times(64, 'r')},
        {irsa_rule_role_id, "AROAEXAMPLEID12345678"},
        {irsa_rule_policy_arn, "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"},
        {irsa_rule_policy_arn, "arn:aws:iam::aws:policy/service-role/AmazonEBSCSIDriverPolicy"},
        {irsa_rule_policy_arn, "arn:aws-iso-f:iam::111122223333:policy/a/b/c+=,.@_-"},
        {irsa_rule_policy_arn, joined("arn:aws:iam::111122223333:policy/", times(128, 'p'), "")},
        {irsa_rule_role_arn, "arn:aws-us-gov:iam::111122223333:role/irsa/us-gov-west-1/x"},
    };
    const struct name wrong[] = {
        {irsa_rule_role_name, ""},
        {irsa_rule_role_name, "a/b"},
        {irsa_rule_role_name, "a b"},
        {irsa_rule_role_name, "rölle"},
        {irsa_rule_role_name, times(65, 'r')},
        {irsa_rule_role_id, "AIDAEXAMPLEID12345678"},
        {irsa_rule_role_id, "AROAshort"},
        {irsa_rule_policy_arn, ""},
        {irsa_rule_policy_arn, "AmazonS3ReadOnlyAccess"},
        {irsa_rule_policy_arn, "arn:aws:iam::aws:role/x"},
        {irsa_rule_policy_arn, "arn:aws:iam:us-west-2:aws:policy/x"},
        {irsa_rule_policy_arn, "arn:aws:iam:::policy/x"},
        {irsa_rule_policy_arn, "arn:aws:iam::aws:policy/"},
        {irsa_rule_policy_arn, "arn:aws:iam::aws:policy//x"},
        {irsa_rule_policy_arn, "arn:aws:iam::aws:policy/x/"},
        {irsa_rule_policy_arn, "arn:aws:iam::aws:policy/*"},
        {irsa_rule_policy_arn, "arn:aws-mars:iam::aws:policy/x"},
        {irsa_rule_policy_arn, "arn::iam::aws:policy/x"},
        {irsa_rule_policy_arn, " arn:aws:iam::aws:policy/x"},
        {irsa_rule_policy_arn, "arn:aws:iam::11112222333:policy/x"},
        {irsa_rule_policy_arn, joined("arn:aws:iam::111122223333:policy/", times(129, 'p'), "")},
        {irsa_rule_policy_arn, joined("arn:aws:iam::111122223333:policy/", times(2020, 'p'), "/x")},
        {irsa_rule_role_arn, "arn:aws:iam::aws:role/x"},
        {irsa_rule_role_arn, "arn:aws:sts::111122223333:assumed-role/x/y"},
        {irsa_rule_role_arn, joined("arn:aws:iam::111122223333:role/", times(65, 'r'), "")},
    };
    check(fine, COUNT_OF(fine), true);
    check(wrong, COUNT_OF(wrong), false);
}

static void tags_count_characters_and_not_bytes(void **state) {
    (void)state;
    char umlauts[2 * 257 + 1] = "";
    for (size_t i = 0; i < 257; i++)
        memcpy(umlauts + (size_t)2 * i, "ü", 3);
    char *most = umlauts + 2; /* 256 of them */
    const struct name fine[] = {
        {irsa_rule_tag_key, "k"},      {irsa_rule_tag_key, "cost center: a/b+c-d=e@f_g.h"},
        {irsa_rule_tag_key, "straße"}, {irsa_rule_tag_key, most + (size_t)2 * 128},
        {irsa_rule_tag_value, ""},     {irsa_rule_tag_value, most},
    };
    const struct name wrong[] = {
        {irsa_rule_tag_key, ""},        {irsa_rule_tag_key, "50%"},    {irsa_rule_tag_key, most + (size_t)2 * 127},
        {irsa_rule_tag_key, "a\tb"},    {irsa_rule_tag_key, "a,b"},    {irsa_rule_tag_key, "\xff"},
        {irsa_rule_tag_value, umlauts}, {irsa_rule_tag_value, "a\nb"}, {irsa_rule_tag_value, "<a>"},
        {irsa_rule_tag_value, "\xc3"},
    };
    check(fine, COUNT_OF(fine), true);
    check(wrong, COUNT_OF(wrong), false);
}

static void attributes_of_events_have_no_control_characters_and_a_bound(void **state) {
    (void)state;
    const struct name fine[] = {
        {irsa_rule_event_id, "x"},
        {irsa_rule_event_id, "ä b"},
        {irsa_rule_event_id, times(256, 'i')},
        {irsa_rule_event_text, times(1024, 't')},
        {irsa_rule_event_source, "urn:irsa:irsactl"},
        {irsa_rule_event_source, times(1024, 's')},
        {irsa_rule_text, ""},
        {irsa_rule_text, "two\nlines, ünïcode 🚀"},
        {irsa_rule_event_id, "\xc2\xa0"},
    };
    const struct name wrong[] = {
        {irsa_rule_event_id, ""},         {irsa_rule_event_id, "a\nb"},
        {irsa_rule_event_id, "a\x7f"},    {irsa_rule_event_id, "\xc2\x85"},
        {irsa_rule_event_id, "\xff"},     {irsa_rule_event_id, times(257, 'i')},
        {irsa_rule_event_text, ""},       {irsa_rule_event_text, times(1025, 't')},
        {irsa_rule_event_source, ""},     {irsa_rule_event_source, "a b"},
        {irsa_rule_event_source, "ü"},    {irsa_rule_event_source, times(1025, 's')},
        {irsa_rule_text, "\xed\xa0\x80"},
    };
    check(fine, COUNT_OF(fine), true);
    check(wrong, COUNT_OF(wrong), false);
}

static void the_other_names_are_judged_too(void **state) {
    (void)state;
    const struct name fine[] = {
        {irsa_rule_subject_pattern, "worker-*"},
        {irsa_rule_subject_pattern, "?.*"},
        {irsa_rule_subject_pattern, times(253, '*')},
        {irsa_rule_uid, "5d1c8f0e-7a4b-4c55-9a56-0f4f6d1c2b3a"},
        {irsa_rule_uid, "5D1C8F0E-7A4B-4C55-9A56-0F4F6D1C2B3A"},
        {irsa_rule_topic_prefix, "irsa"},
        {irsa_rule_topic_prefix, times(200, 'p')},
    };
    const struct name wrong[] = {
        {irsa_rule_subject_pattern, ""},
        {irsa_rule_subject_pattern, "a:b"},
        {irsa_rule_subject_pattern, "A*"},
        {irsa_rule_subject_pattern, "[a]"},
        {irsa_rule_subject_pattern, times(254, '*')},
        {irsa_rule_uid, ""},
        {irsa_rule_uid, "5d1c8f0e-7a4b-4c55-9a56-0f4f6d1c2b3"},
        {irsa_rule_uid, "5d1c8f0e-7a4b-4c55-9a56-0f4f6d1c2b3a0"},
        {irsa_rule_uid, "5d1c8f0e_7a4b-4c55-9a56-0f4f6d1c2b3a"},
        {irsa_rule_uid, "5d1c8f0e-7a4b-4c55-9a56-0f4f6d1c2b3x"},
        {irsa_rule_topic_prefix, ""},
        {irsa_rule_topic_prefix, "a/b"},
        {irsa_rule_topic_prefix, times(201, 'p')},
    };
    check(fine, COUNT_OF(fine), true);
    check(wrong, COUNT_OF(wrong), false);
}

static void a_rule_says_what_the_value_must_be(void **state) {
    (void)state;
    irsa_name_rule_fn *const rules[] = {
        irsa_rule_cluster_name,   irsa_rule_region,          irsa_rule_account_id,   irsa_rule_namespace,
        irsa_rule_account_name,   irsa_rule_role_name,       irsa_rule_role_id,      irsa_rule_policy_arn,
        irsa_rule_role_arn,       irsa_rule_subject_pattern, irsa_rule_uid,          irsa_rule_label_key,
        irsa_rule_annotation_key, irsa_rule_tag_key,         irsa_rule_topic_prefix, irsa_rule_event_id,
        irsa_rule_event_text,     irsa_rule_event_source,
    };
    for (size_t i = 0; i < COUNT_OF(rules); i++) {
        assert_non_null(rules[i](""));
        assert_memory_equal(rules[i](""), "must be ", 8);
    }
}

static void parts_of_an_arn_are_found_and_missing_ones_are_empty(void **state) {
    (void)state;
    static const struct {
        const char *arn, *partition, *account, *name;
    } cases[] = {
        {"arn:aws:iam::aws:policy/service-role/X", "aws", "aws", "X"},
        {"arn:aws-cn:iam::111122223333:role/irsa/r", "aws-cn", "111122223333", "r"},
        {"arn:aws:eks:us-west-2:111122223333:cluster/c", "aws", "111122223333", "c"},
        {"arn:aws", "", "", "aws"},
        {"", "", "", ""},
        {"arn:a-partition-of-a-long-name:iam::1:x", "", "1", "x"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char partition[16], account[16];
        irsa_arn_partition(cases[i].arn, partition);
        irsa_arn_account(cases[i].arn, account);
        assert_string_equal(partition, cases[i].partition);
        assert_string_equal(account, cases[i].account);
        assert_string_equal(irsa_arn_name(cases[i].arn), cases[i].name);
    }
}

static void a_region_is_of_the_partition_that_its_form_says(void **state) {
    (void)state;
    static const struct {
        const char *region, *partition;
    } cases[] = {
        {"us-west-2", "aws"},
        {"cn-north-1", "aws-cn"},
        {"us-gov-east-1", "aws-us-gov"},
        {"us-iso-west-1", "aws-iso"},
        {"us-isob-east-1", "aws-iso-b"},
        {"eu-isoe-west-1", "aws-iso-e"},
        {"us-isof-south-1", "aws-iso-f"},
        {"eusc-de-east-1", "aws-eusc"},
        {"ca-central-1", "aws"},
        {"eu-north-1", "aws"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_string_equal(irsa_region_partition(cases[i].region), cases[i].partition);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_of_clusters_and_accounts_are_judged_as_eks_and_aws_do),
        cmocka_unit_test(regions_of_every_partition_are_regions_and_zones_are_not),
        cmocka_unit_test(names_in_kubernetes_are_dns_names),
        cmocka_unit_test(keys_and_values_of_labels_are_judged_as_kubernetes_does),
        cmocka_unit_test(roles_and_policies_are_judged_as_iam_does),
        cmocka_unit_test(tags_count_characters_and_not_bytes),
        cmocka_unit_test(attributes_of_events_have_no_control_characters_and_a_bound),
        cmocka_unit_test(the_other_names_are_judged_too),
        cmocka_unit_test(a_rule_says_what_the_value_must_be),
        cmocka_unit_test(parts_of_an_arn_are_found_and_missing_ones_are_empty),
        cmocka_unit_test(a_region_is_of_the_partition_that_its_form_says),
    };
    return RUN_TESTS("names that come from outside");
}
