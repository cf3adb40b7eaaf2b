#include <stdlib.h>

#include "tests/support/test.h"
#include "tests/unit/aws_fixture.h"

#define MINUTE_MS INT64_C(60000)

static struct irsa_credentials got;

static void the_environment_gives_keys_and_token(void **state) {
    (void)state;
    const struct irsa_credentials_source *source = irsa_credentials_environment();
    setenv("AWS_ACCESS_KEY_ID", "AKIA", 1);
    setenv("AWS_SECRET_ACCESS_KEY", "secret", 1);
    setenv("AWS_SESSION_TOKEN", "token", 1);
    assert_ok(source->fetch(source->self, &got, &f.err), f.err);
    assert_string_equal(got.access_key_id, "AKIA");
    assert_string_equal(got.secret_access_key, "secret");
    assert_string_equal(got.session_token, "token");
    assert_true(got.expires_ms == IRSA_NO_TIME);
    unsetenv("AWS_SESSION_TOKEN");
    assert_ok(source->fetch(source->self, &got, &f.err), f.err);
    assert_string_equal(got.session_token, "");
}

static void missing_variables_are_named(void **state) {
    (void)state;
    const struct irsa_credentials_source *source = irsa_credentials_environment();
    setenv("AWS_ACCESS_KEY_ID", "AKIA", 1);
    unsetenv("AWS_SECRET_ACCESS_KEY");
    assert_false(source->fetch(source->self, &got, &f.err));
    assert_code(f.err, CREDENTIALS);
    assert_non_null(strstr(f.err.message, "AWS_SECRET_ACCESS_KEY"));
    setenv("AWS_SECRET_ACCESS_KEY", "", 1);
    assert_false(source->fetch(source->self, &got, &f.err));
}

static void a_variable_that_is_too_long_is_refused_and_not_cut(void **state) {
    (void)state;
    const struct irsa_credentials_source *source = irsa_credentials_environment();
    char token[sizeof got.session_token + 1];
    setenv("AWS_ACCESS_KEY_ID", "AKIA", 1);
    setenv("AWS_SECRET_ACCESS_KEY", "secret", 1);
    memset(token, 't', sizeof token);
    token[sizeof got.session_token - 1] = '\0';
    setenv("AWS_SESSION_TOKEN", token, 1);
    assert_ok(source->fetch(source->self, &got, &f.err), f.err);
    token[sizeof got.session_token - 1] = 't';
    token[sizeof got.session_token] = '\0';
    setenv("AWS_SESSION_TOKEN", token, 1);
    assert_false(source->fetch(source->self, &got, &f.err));
    assert_code(f.err, CREDENTIALS);
    unsetenv("AWS_SESSION_TOKEN");
}

static void credentials_are_fetched_once(void **state) {
    (void)state;
    for (int i = 0; i < 3; i++)
        assert_ok(irsa_aws_credentials(f.aws, &got, &f.err), f.err);
    assert_string_equal(got.access_key_id, "AKIDEXAMPLE");
    assert_int_equal(f.fetches, 1);
}

static void credentials_are_renewed_five_minutes_before_they_expire(void **state) {
    (void)state;
    f.credentials.expires_ms = f.clock.now_ms + 60 * MINUTE_MS;
    assert_ok(irsa_aws_credentials(f.aws, &got, &f.err), f.err);
    f.clock.now_ms += 55 * MINUTE_MS - 1;
    assert_ok(irsa_aws_credentials(f.aws, &got, &f.err), f.err);
    assert_int_equal(f.fetches, 1);
    f.clock.now_ms += 1;
    f.credentials.expires_ms += 60 * MINUTE_MS;
    assert_ok(irsa_aws_credentials(f.aws, &got, &f.err), f.err);
    assert_int_equal(f.fetches, 2);
    assert_true(got.expires_ms == f.credentials.expires_ms);
}

static void a_source_that_fails_is_forgiven_until_the_last_moment(void **state) {
    (void)state;
    f.credentials.expires_ms = f.clock.now_ms + 60 * MINUTE_MS;
    assert_ok(irsa_aws_credentials(f.aws, &got, &f.err), f.err);
    f.fetch_fails = true;
    f.clock.now_ms += 59 * MINUTE_MS;
    assert_ok(irsa_aws_credentials(f.aws, &got, &f.err), f.err);
    f.clock.now_ms += MINUTE_MS;
    assert_false(irsa_aws_credentials(f.aws, &got, &f.err));
    assert_code(f.err, CREDENTIALS);
}

static void forgotten_credentials_are_fetched_anew(void **state) {
    (void)state;
    assert_ok(irsa_aws_credentials(f.aws, &got, &f.err), f.err);
    irsa_aws_credentials_forget(f.aws);
    strcpy(f.credentials.access_key_id, "NEW");
    assert_ok(irsa_aws_credentials(f.aws, &got, &f.err), f.err);
    assert_string_equal(got.access_key_id, "NEW");
    f.fetch_fails = true;
    irsa_aws_credentials_forget(f.aws);
    assert_false(irsa_aws_credentials(f.aws, &got, &f.err));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(the_environment_gives_keys_and_token),
        CASE(missing_variables_are_named),
        CASE(a_variable_that_is_too_long_is_refused_and_not_cut),
        CASE(credentials_are_fetched_once),
        CASE(credentials_are_renewed_five_minutes_before_they_expire),
        CASE(a_source_that_fails_is_forgiven_until_the_last_moment),
        CASE(forgotten_credentials_are_fetched_anew),
    };
    return RUN_TESTS("credentials are fetched, kept and renewed");
}
