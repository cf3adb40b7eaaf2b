#include "core/aws/iam.h"

#include <stdio.h>

#include "core/base/arena.h"
#include "tests/support/test.h"
#include "tests/unit/aws_fixture.h"

#define NS      " xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\""
#define POLICY  "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
#define TRUST   "%7B%22Version%22%3A%222012-10-17%22%2C%22a%22%3A%22b+c%2Bd%20%25%22%7D"
#define DECODED "{\"Version\":\"2012-10-17\",\"a\":\"b+c+d %\"}"

static struct irsa_iam iam(void) {
    return (struct irsa_iam){f.aws, "aws"};
}

static void the_form_is(const char *form) {
    assert_int_equal(f.transport.call_count, 1);
    assert_string_equal(f.transport.calls[0].body, form);
}

static void a_role_is_read_with_its_decoded_trust_tags_and_boundary(void **state) {
    (void)state;
    struct irsa_iam_role role;
    ANSWER({.status = 200,
            .body = "<GetRoleResponse" NS "><GetRoleResult><Role><Path>/irsa/us-west-2/c/</Path>"
                    "<AssumeRolePolicyDocument>" TRUST "</AssumeRolePolicyDocument><RoleId>AROA1</RoleId>"
                    "<RoleLastUsed/><PermissionsBoundary><PermissionsBoundaryType>Policy</PermissionsBoundaryType>"
                    "<PermissionsBoundaryArn>arn:b</PermissionsBoundaryArn></PermissionsBoundary>"
                    "<RoleName>r 1</RoleName><Arn>arn:r</Arn><CreateDate>2026-11-24T10:03:31Z</CreateDate><Tags>"
                    "<member><Key>k&amp;1</Key><Value>v1</Value></member><member><Key>k2</Key><Value/></member></Tags>"
                    "</Role></GetRoleResult><ResponseMetadata><RequestId>x</RequestId></ResponseMetadata>"
                    "</GetRoleResponse>"});
    assert_ok(irsa_iam_get_role(iam(), &f.attempt, "r 1", &role, &f.err), f.err);
    the_form_is("Action=GetRole&Version=2010-05-08&RoleName=r%201");
    assert_string_equal(role.name, "r 1");
    assert_string_equal(role.path, "/irsa/us-west-2/c/");
    assert_string_equal(role.arn, "arn:r");
    assert_string_equal(role.role_id, "AROA1");
    assert_string_equal(role.trust_policy, DECODED);
    assert_string_equal(role.permissions_boundary, "arn:b");
    assert_int_equal(role.tags.count, 2);
    assert_string_equal(role.tags.at[0].key, "k&1");
    assert_string_equal(role.tags.at[0].value, "v1");
    assert_string_equal(role.tags.at[1].value, "");
}

#define ROLE(trust)                                                                                                    \
    "<Role><Path>/</Path><AssumeRolePolicyDocument>" trust "</AssumeRolePolicyDocument><RoleId>AROA1</RoleId>"         \
    "<RoleName>r1</RoleName><Arn>arn:r</Arn></Role>"

static void a_role_is_created_whole_in_one_call(void **state) {
    (void)state;
    const struct irsa_pair tags[] = {{"irsa.dev/owner", "irsa"}, {"b", ""}};
    const struct irsa_iam_new_role wanted = {"r1", "/p/", "what for", "{\"a\": 1}", "arn:b", {tags, 2}};
    struct irsa_iam_role role;
    ANSWER(
        {.status = 200,
         .body = "<CreateRoleResponse><CreateRoleResult>" ROLE("%7B%7D") "</CreateRoleResult></CreateRoleResponse>"});
    assert_ok(irsa_iam_create_role(iam(), &f.attempt, &wanted, &role, &f.err), f.err);
    the_form_is(
        "Action=CreateRole&Version=2010-05-08&RoleName=r1&Path=%2Fp%2F&Description=what%20for"
        "&AssumeRolePolicyDocument=%7B%22a%22%3A%201%7D&PermissionsBoundary=arn%3Ab"
        "&Tags.member.1.Key=irsa.dev%2Fowner&Tags.member.1.Value=irsa&Tags.member.2.Key=b&Tags.member.2.Value=");
    assert_string_equal(role.role_id, "AROA1");
    assert_null(role.permissions_boundary);
    assert_int_equal(role.tags.count, 0);
}

static void what_is_not_wanted_of_a_role_is_not_sent(void **state) {
    (void)state;
    const struct irsa_iam_new_role wanted = {.name = "r1", .path = "/", .trust_policy = "{}"};
    struct irsa_iam_role role;
    ANSWER(
        {.status = 200,
         .body = "<CreateRoleResponse><CreateRoleResult>" ROLE("%7B%7D") "</CreateRoleResult></CreateRoleResponse>"});
    assert_ok(irsa_iam_create_role(iam(), &f.attempt, &wanted, &role, &f.err), f.err);
    the_form_is("Action=CreateRole&Version=2010-05-08&RoleName=r1&Path=%2F&AssumeRolePolicyDocument=%7B%7D");
}

static void an_answer_without_what_it_must_have_is_no_answer(void **state) {
    (void)state;
    struct irsa_iam_role role;
    static const char *const bodies[] = {
        "",
        "<GetRoleResponse",
        "<html><body>captive portal</body></html>",
        "<ListRolesResponse/>",
        "<GetRoleResponse/>",
        "<GetRoleResponse><GetRoleResult/></GetRoleResponse>",
        "<GetRoleResponse><GetRoleResult><Role><RoleName>r1</RoleName></Role></GetRoleResult></GetRoleResponse>",
        "<GetRoleResponse><GetRoleResult>" ROLE("%7") "</GetRoleResult></GetRoleResponse>",
        "<GetRoleResponse><GetRoleResult>" ROLE("%00") "</GetRoleResult></GetRoleResponse>",
    };
    for (size_t i = 0; i < COUNT_OF(bodies); i++) {
        const struct fake_answer answers[] = {
            {.status = 200, .body = bodies[i]}, {.status = 200, .body = bodies[i]}, {.status = 200, .body = bodies[i]}};
        fake_transport_answers(&f.transport, answers, 3);
        if (irsa_iam_get_role(iam(), &f.attempt, "r1", &role, &f.err))
            fail_msg("%s was taken", bodies[i]);
        assert_code(f.err, UNAVAILABLE);
        assert_string_equal(f.err.service, "iam");
    }
}

static void a_page_of_something_else_is_no_success_of_a_write(void **state) {
    (void)state;
    ANSWER({.status = 200, .body = "<html/>"}, {.status = 200, .body = "<DetachRolePolicyResponse/>"},
           {.status = 200, .body = ""});
    assert_false(irsa_iam_delete_role(iam(), &f.attempt, "r1", &f.err));
    assert_code(f.err, UNAVAILABLE);
    assert_string_equal(f.err.message, "the answer of iam to DeleteRole: XML that cannot be read: no element found");
    assert_int_equal(f.transport.call_count, 3);
}

static void an_absent_role_is_not_found(void **state) {
    (void)state;
    struct irsa_iam_role role;
    ANSWER({.status = 404, .body = XML_ERROR("NoSuchEntity", "The role with name r1 cannot be found.")});
    assert_false(irsa_iam_get_role(iam(), &f.attempt, "r1", &role, &f.err));
    assert_code(f.err, NOT_FOUND);
    assert_string_equal(f.err.upstream, "NoSuchEntity");
    assert_string_equal(f.err.message, "The role with name r1 cannot be found.");
    assert_string_equal(f.told.at, "iam.GetRole=404");
}

static void a_404_of_a_proxy_is_no_proof_of_absence(void **state) {
    (void)state;
    struct irsa_iam_role role;
    ANSWER({.status = 404, .body = "<html>no such page</html>"}, {.status = 404, .body = "nginx"}, {.status = 404});
    assert_false(irsa_iam_get_role(iam(), &f.attempt, "r1", &role, &f.err));
    assert_code(f.err, UNAVAILABLE);
}

static void a_throttle_with_status_400_is_a_throttle(void **state) {
    (void)state;
    ANSWER({.status = 400, .body = XML_ERROR("Throttling", "Rate exceeded"), .headers = {{"retry-after", "2"}}});
    assert_false(irsa_iam_delete_role(iam(), &f.attempt, "r1", &f.err));
    assert_code(f.err, THROTTLED);
    assert_int_equal(f.err.retry_after_ms, 2000);
    assert_int_equal(f.clock.sleeps, 0);
}

static void a_concurrent_modification_is_tried_again_in_place(void **state) {
    (void)state;
    ANSWER({.status = 409, .body = XML_ERROR("ConcurrentModification", "x")},
           {.status = 200, .body = "<DeleteRoleResponse/>"});
    assert_ok(irsa_iam_delete_role(iam(), &f.attempt, "r1", &f.err), f.err);
    assert_string_equal(f.told.at, "iam.DeleteRole=409 iam.DeleteRole=200");
}

static void each_write_has_its_form(void **state) {
    (void)state;
    const struct irsa_pair tag = {"k", "v"};
    const char *const keys[] = {"k1", "k2"};
#define DONE(action)                                                                                                   \
    ANSWER({.status = 200, .body = "<" action "Response" NS "><ResponseMetadata/></" action "Response>"})
    DONE("DeleteRole");
    assert_ok(irsa_iam_delete_role(iam(), &f.attempt, "r1", &f.err), f.err);
    the_form_is("Action=DeleteRole&Version=2010-05-08&RoleName=r1");
    DONE("UpdateAssumeRolePolicy");
    assert_ok(irsa_iam_update_trust(iam(), &f.attempt, "r1", "{}", &f.err), f.err);
    the_form_is("Action=UpdateAssumeRolePolicy&Version=2010-05-08&RoleName=r1&PolicyDocument=%7B%7D");
    DONE("AttachRolePolicy");
    assert_ok(irsa_iam_attach_policy(iam(), &f.attempt, "r1", POLICY, &f.err), f.err);
    the_form_is("Action=AttachRolePolicy&Version=2010-05-08&RoleName=r1"
                "&PolicyArn=arn%3Aaws%3Aiam%3A%3Aaws%3Apolicy%2FAmazonS3ReadOnlyAccess");
    DONE("DetachRolePolicy");
    assert_ok(irsa_iam_detach_policy(iam(), &f.attempt, "r1", "arn:p", &f.err), f.err);
    the_form_is("Action=DetachRolePolicy&Version=2010-05-08&RoleName=r1&PolicyArn=arn%3Ap");
    DONE("PutRolePolicy");
    assert_ok(irsa_iam_put_inline(iam(), &f.attempt, "r1", "p1", "{\"a+b\":\"c\"}", &f.err), f.err);
    the_form_is("Action=PutRolePolicy&Version=2010-05-08&RoleName=r1&PolicyName=p1"
                "&PolicyDocument=%7B%22a%2Bb%22%3A%22c%22%7D");
    DONE("DeleteRolePolicy");
    assert_ok(irsa_iam_delete_inline(iam(), &f.attempt, "r1", "p1", &f.err), f.err);
    the_form_is("Action=DeleteRolePolicy&Version=2010-05-08&RoleName=r1&PolicyName=p1");
    DONE("TagRole");
    assert_ok(irsa_iam_tag_role(iam(), &f.attempt, "r1", (struct irsa_pairs){&tag, 1}, &f.err), f.err);
    the_form_is("Action=TagRole&Version=2010-05-08&RoleName=r1&Tags.member.1.Key=k&Tags.member.1.Value=v");
    DONE("UntagRole");
    assert_ok(irsa_iam_untag_role(iam(), &f.attempt, "r1", (struct irsa_strings){keys, 2}, &f.err), f.err);
    the_form_is("Action=UntagRole&Version=2010-05-08&RoleName=r1&TagKeys.member.1=k1&TagKeys.member.2=k2");
    DONE("PutRolePermissionsBoundary");
    assert_ok(irsa_iam_put_boundary(iam(), &f.attempt, "r1", "arn:b", &f.err), f.err);
    the_form_is("Action=PutRolePermissionsBoundary&Version=2010-05-08&RoleName=r1&PermissionsBoundary=arn%3Ab");
    DONE("AddClientIDToOpenIDConnectProvider");
    assert_ok(irsa_iam_add_audience(iam(), &f.attempt, "arn:o", "sts.amazonaws.com", &f.err), f.err);
    the_form_is("Action=AddClientIDToOpenIDConnectProvider&Version=2010-05-08&OpenIDConnectProviderArn=arn%3Ao"
                "&ClientID=sts.amazonaws.com");
    assert_string_equal(f.told.at, "iam.DeleteRole=200 iam.UpdateAssumeRolePolicy=200 iam.AttachRolePolicy=200 "
                                   "iam.DetachRolePolicy=200 iam.PutRolePolicy=200 iam.DeleteRolePolicy=200 "
                                   "iam.TagRole=200 iam.UntagRole=200 iam.PutRolePermissionsBoundary=200 "
                                   "iam.AddClientIDToOpenIDConnectProvider=200");
}

static void an_inline_policy_is_read_and_decoded(void **state) {
    (void)state;
    const char *document;
    ANSWER({.status = 200,
            .body = "<GetRolePolicyResponse><GetRolePolicyResult><RoleName>r1</RoleName><PolicyName>p1</PolicyName>"
                    "<PolicyDocument>" TRUST "</PolicyDocument></GetRolePolicyResult></GetRolePolicyResponse>"});
    assert_ok(irsa_iam_get_inline(iam(), &f.attempt, "r1", "p1", &document, &f.err), f.err);
    the_form_is("Action=GetRolePolicy&Version=2010-05-08&RoleName=r1&PolicyName=p1");
    assert_string_equal(document, DECODED);
}

#define PAGE(list, members, rest)                                                                                      \
    "<ListAttachedRolePoliciesResponse><ListAttachedRolePoliciesResult><" list ">" members "</" list ">" rest          \
    "</ListAttachedRolePoliciesResult></ListAttachedRolePoliciesResponse>"
#define MEMBER(arn)  "<member><PolicyName>n</PolicyName><PolicyArn>" arn "</PolicyArn></member>"
#define MORE(marker) "<IsTruncated>true</IsTruncated><Marker>" marker "</Marker>"

static void all_pages_of_a_list_are_read(void **state) {
    (void)state;
    struct irsa_strings arns;
    ANSWER({.status = 200, .body = PAGE("AttachedPolicies", MEMBER("arn:1") MEMBER("arn:2"), MORE("m/1+="))},
           {.status = 200, .body = PAGE("AttachedPolicies", "", MORE("m2"))},
           {.status = 200, .body = PAGE("AttachedPolicies", MEMBER("arn:3"), "<IsTruncated>false</IsTruncated>")});
    assert_ok(irsa_iam_list_attached(iam(), &f.attempt, "r1", &arns, &f.err), f.err);
    assert_int_equal(arns.count, 3);
    assert_string_equal(arns.at[0], "arn:1");
    assert_string_equal(arns.at[1], "arn:2");
    assert_string_equal(arns.at[2], "arn:3");
    assert_string_equal(f.transport.calls[0].body, "Action=ListAttachedRolePolicies&Version=2010-05-08&RoleName=r1");
    assert_string_equal(f.transport.calls[1].body,
                        "Action=ListAttachedRolePolicies&Version=2010-05-08&RoleName=r1&Marker=m%2F1%2B%3D");
    assert_string_equal(f.transport.calls[2].body,
                        "Action=ListAttachedRolePolicies&Version=2010-05-08&RoleName=r1&Marker=m2");
}

static void an_empty_list_is_a_list(void **state) {
    (void)state;
    struct irsa_strings arns = {0};
    ANSWER({.status = 200, .body = PAGE("AttachedPolicies", "", "<IsTruncated>false</IsTruncated>")});
    assert_ok(irsa_iam_list_attached(iam(), &f.attempt, "r1", &arns, &f.err), f.err);
    assert_int_equal(arns.count, 0);
    assert_non_null(arns.at);
}

static void a_page_that_is_lost_fails_the_list(void **state) {
    (void)state;
    struct irsa_strings arns;
    ANSWER({.status = 200, .body = PAGE("AttachedPolicies", MEMBER("arn:1"), MORE("m"))},
           {.status = 404, .body = XML_ERROR("NoSuchEntity", "gone meanwhile")});
    assert_false(irsa_iam_list_attached(iam(), &f.attempt, "r1", &arns, &f.err));
    assert_code(f.err, NOT_FOUND);
}

static void a_list_that_goes_on_must_say_where(void **state) {
    (void)state;
    struct irsa_strings arns;
    ANSWER({.status = 200, .body = PAGE("AttachedPolicies", MEMBER("arn:1"), "<IsTruncated>true</IsTruncated>")});
    assert_false(irsa_iam_list_attached(iam(), &f.attempt, "r1", &arns, &f.err));
    assert_code(f.err, UNAVAILABLE);
}

/* `count` pages of `members` each, all of them promising more. */
static void answer_pages(size_t count, size_t members) {
    struct fake_answer *answers = IRSA_NEW_ARRAY(f.arena, struct fake_answer, count);
    for (size_t i = 0; i < count; i++) {
        struct irsa_text body;
        irsa_text_init(&body, f.arena, 1 << 20);
        irsa_text_add(&body, "<ListRolePoliciesResponse><ListRolePoliciesResult><PolicyNames>");
        for (size_t k = 0; k < members; k++)
            irsa_text_addf(&body, "<member>p-%zu-%zu</member>", i, k);
        irsa_text_add(&body, "</PolicyNames>" MORE("m") "</ListRolePoliciesResult></ListRolePoliciesResponse>");
        answers[i] = (struct fake_answer){.status = 200, .body = body.at};
    }
    fake_transport_answers(&f.transport, answers, count);
}

static void a_list_without_end_is_too_large(void **state) {
    (void)state;
    struct irsa_strings names;
    answer_pages(11, 100);
    assert_false(irsa_iam_list_inline(iam(), &f.attempt, "r1", &names, &f.err));
    assert_code(f.err, TOO_LARGE);
    assert_int_equal(f.transport.call_count, 11);
    answer_pages(100, 0);
    assert_false(irsa_iam_list_inline(iam(), &f.attempt, "r1", &names, &f.err));
    assert_code(f.err, TOO_LARGE);
}

static void names_of_inline_policies_and_instance_profiles_are_listed(void **state) {
    (void)state;
    struct irsa_strings names;
    ANSWER({.status = 200,
            .body = "<ListRolePoliciesResponse><ListRolePoliciesResult><IsTruncated>false</IsTruncated><PolicyNames>"
                    "<member>p1</member><member>p2</member></PolicyNames></ListRolePoliciesResult>"
                    "</ListRolePoliciesResponse>"});
    assert_ok(irsa_iam_list_inline(iam(), &f.attempt, "r1", &names, &f.err), f.err);
    assert_int_equal(names.count, 2);
    assert_string_equal(names.at[1], "p2");
    ANSWER({.status = 200,
            .body =
                "<ListInstanceProfilesForRoleResponse><ListInstanceProfilesForRoleResult><InstanceProfiles><member>"
                "<InstanceProfileName>i1</InstanceProfileName><Roles><member><RoleName>r1</RoleName></member></Roles>"
                "</member></InstanceProfiles></ListInstanceProfilesForRoleResult>"
                "</ListInstanceProfilesForRoleResponse>"});
    assert_ok(irsa_iam_list_instance_profiles(iam(), &f.attempt, "r1", &names, &f.err), f.err);
    assert_int_equal(names.count, 1);
    assert_string_equal(names.at[0], "i1");
}

static void a_provider_is_read_with_audiences_and_tags(void **state) {
    (void)state;
    struct irsa_iam_provider provider;
    ANSWER({.status = 200,
            .body =
                "<GetOpenIDConnectProviderResponse><GetOpenIDConnectProviderResult><ThumbprintList><member>ab</member>"
                "</ThumbprintList><ClientIDList><member>sts.amazonaws.com</member><member>x</member></ClientIDList>"
                "<Url>oidc.example</Url><Tags><member><Key>k</Key><Value>v</Value></member></Tags>"
                "</GetOpenIDConnectProviderResult></GetOpenIDConnectProviderResponse>"});
    assert_ok(irsa_iam_get_provider(iam(), &f.attempt, "arn:o/x", &provider, &f.err), f.err);
    the_form_is("Action=GetOpenIDConnectProvider&Version=2010-05-08&OpenIDConnectProviderArn=arn%3Ao%2Fx");
    assert_int_equal(provider.audiences.count, 2);
    assert_string_equal(provider.audiences.at[0], "sts.amazonaws.com");
    assert_int_equal(provider.tags.count, 1);
}

static void a_provider_is_created_without_a_thumbprint(void **state) {
    (void)state;
    const struct irsa_pair tag = {"k", "v"};
    const char *arn;
    ANSWER({.status = 200,
            .body = "<CreateOpenIDConnectProviderResponse><CreateOpenIDConnectProviderResult><OpenIDConnectProviderArn>"
                    "arn:o</OpenIDConnectProviderArn></CreateOpenIDConnectProviderResult>"
                    "</CreateOpenIDConnectProviderResponse>"});
    assert_ok(irsa_iam_create_provider(iam(), &f.attempt, "https://oidc.example/id/A", "sts.amazonaws.com",
                                       (struct irsa_pairs){&tag, 1}, &arn, &f.err),
              f.err);
    the_form_is("Action=CreateOpenIDConnectProvider&Version=2010-05-08&Url=https%3A%2F%2Foidc.example%2Fid%2FA"
                "&ClientIDList.member.1=sts.amazonaws.com&Tags.member.1.Key=k&Tags.member.1.Value=v");
    assert_string_equal(arn, "arn:o");
}

static void the_usage_of_an_account_is_read_from_its_summary(void **state) {
    (void)state;
    struct irsa_iam_usage usage;
    ANSWER({.status = 200,
            .body = "<GetAccountSummaryResponse" NS "><GetAccountSummaryResult><SummaryMap><entry><key>RolesQuota</key>"
                    "<value>1000</value></entry><entry><key>Roles</key><value>998</value></entry></SummaryMap>"
                    "</GetAccountSummaryResult></GetAccountSummaryResponse>"});
    assert_ok(irsa_iam_get_usage(iam(), &f.attempt, "Roles", &usage, &f.err), f.err);
    the_form_is("Action=GetAccountSummary&Version=2010-05-08");
    assert_string_equal(usage.used, "998");
    assert_string_equal(usage.limit, "1000");
}

static void a_summary_without_what_was_asked_for_is_no_answer(void **state) {
    (void)state;
    struct irsa_iam_usage usage;
    ANSWER({.status = 200,
            .body = "<GetAccountSummaryResponse" NS "><GetAccountSummaryResult><SummaryMap><entry><key>Roles</key>"
                    "<value>998</value></entry></SummaryMap></GetAccountSummaryResult></GetAccountSummaryResponse>"});
    assert_false(irsa_iam_get_usage(iam(), &f.attempt, "Roles", &usage, &f.err));
    assert_code(f.err, UNAVAILABLE);
}

static void the_partition_chooses_host_and_signing_region(void **state) {
    (void)state;
    struct irsa_iam china = {f.aws, "aws-cn"};
    struct irsa_iam mars = {f.aws, "aws-mars"};
    ANSWER({.status = 200, .body = "<DeleteRoleResponse/>"});
    assert_ok(irsa_iam_delete_role(china, &f.attempt, "r1", &f.err), f.err);
    assert_string_equal(f.transport.calls[0].url, "https://iam.cn-north-1.amazonaws.com.cn/");
    assert_non_null(strstr(f.transport.calls[0].headers, "/20261124/cn-north-1/iam/aws4_request"));
    assert_false(irsa_iam_delete_role(mars, &f.attempt, "r1", &f.err));
    assert_code(f.err, INVALID);
}

static void a_form_over_its_bound_is_not_sent(void **state) {
    (void)state;
    char *document = irsa_arena_alloc(f.arena, 300000);
    memset(document, 'x', 299999);
    assert_false(irsa_iam_put_inline(iam(), &f.attempt, "r1", "p1", document, &f.err));
    assert_code(f.err, TOO_LARGE);
    assert_int_equal(f.transport.call_count, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(a_role_is_read_with_its_decoded_trust_tags_and_boundary),
        CASE(a_role_is_created_whole_in_one_call),
        CASE(what_is_not_wanted_of_a_role_is_not_sent),
        CASE(an_answer_without_what_it_must_have_is_no_answer),
        CASE(a_page_of_something_else_is_no_success_of_a_write),
        CASE(an_absent_role_is_not_found),
        CASE(a_404_of_a_proxy_is_no_proof_of_absence),
        CASE(a_throttle_with_status_400_is_a_throttle),
        CASE(a_concurrent_modification_is_tried_again_in_place),
        CASE(each_write_has_its_form),
        CASE(an_inline_policy_is_read_and_decoded),
        CASE(all_pages_of_a_list_are_read),
        CASE(an_empty_list_is_a_list),
        CASE(a_page_that_is_lost_fails_the_list),
        CASE(a_list_that_goes_on_must_say_where),
        CASE(a_list_without_end_is_too_large),
        CASE(names_of_inline_policies_and_instance_profiles_are_listed),
        CASE(a_provider_is_read_with_audiences_and_tags),
        CASE(a_provider_is_created_without_a_thumbprint),
        CASE(the_usage_of_an_account_is_read_from_its_summary),
        CASE(a_summary_without_what_was_asked_for_is_no_answer),
        CASE(the_partition_chooses_host_and_signing_region),
        CASE(a_form_over_its_bound_is_not_sent),
    };
    return RUN_TESTS("IAM is asked in its own form and understood");
}
