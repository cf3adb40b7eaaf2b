#include "core/base/arena.h"
#include "producer/aws_profile.h"
#include "producer/since.h"
#include "tests/support/test.h"

static const char *const config = "# mine\n"
                                  "[default]\n"
                                  "output = json\n"
                                  "region=us-west-2\n"
                                  "\n"
                                  "[ profile  team-a ]\n"
                                  "region = eu-central-1   # Frankfurt\n"
                                  "s3 =\n"
                                  "  region_of_nothing = x\n"
                                  "[profile bare]\n"
                                  "output = json\r\n"
                                  "[sso-session team-b]\n"
                                  "region = ap-south-1\n"
                                  "[profile twice]\n"
                                  "region = us-east-1\n"
                                  "region = us-east-2\n";

static const char *region_of(const char *profile, bool *out_has_profile) {
    static struct irsa_arena *arena;
    irsa_arena_free(arena);
    arena = irsa_arena_new();
    const char *region = irsa_aws_config_region(arena, config, profile, out_has_profile);
    static char copy[64];
    if (region == NULL)
        return NULL;
    strncpy(copy, region, sizeof copy - 1);
    irsa_arena_free(arena);
    arena = NULL;
    return copy;
}

static void the_region_of_a_profile_is_found(void **state) {
    (void)state;
    bool has_profile;
    assert_string_equal(region_of("default", &has_profile), "us-west-2");
    assert_string_equal(region_of("team-a", &has_profile), "eu-central-1");
    assert_string_equal(region_of("twice", &has_profile), "us-east-2");
}

static void a_profile_without_a_region_is_told_from_one_that_is_not_there(void **state) {
    (void)state;
    bool has_profile;
    assert_null(region_of("bare", &has_profile));
    assert_true(has_profile);
    assert_null(region_of("team", &has_profile));
    assert_false(has_profile);
    assert_null(region_of("team-b", &has_profile)); /* a session, not a profile */
    assert_false(has_profile);
    region_of("default", &has_profile); /* leaves nothing behind for LeakSanitizer */
}

static void since_is_a_time_or_a_duration_before_now(void **state) {
    (void)state;
    struct irsa_error err;
    int64_t since_ms;
    assert_ok(irsa_since_parse("2026-11-24T10:00:00Z", 0, &since_ms, &err), err);
    assert_int_equal(since_ms, INT64_C(1795514400000));
    assert_ok(irsa_since_parse("30m", 10000000, &since_ms, &err), err);
    assert_int_equal(since_ms, 10000000 - 1800000);
    assert_ok(irsa_since_parse(NULL, 10000000, &since_ms, &err), err);
    assert_true(since_ms == IRSA_NO_TIME);
    assert_false(irsa_since_parse("yesterday", 0, &since_ms, &err));
    assert_code(err, INVALID);
    assert_non_null(strstr(err.message, "yesterday"));
}

static void an_id_of_version_7_tells_when_it_was_made(void **state) {
    (void)state;
    assert_int_equal(irsa_time_of_id("0193a6c4-5d6e-7f80-9a1b-2c3d4e5f6071"), INT64_C(0x0193a6c45d6e));
    assert_true(irsa_time_of_id("0193a6c4-5d6e-4f80-9a1b-2c3d4e5f6071") == IRSA_NO_TIME);
    assert_true(irsa_time_of_id("irsa.requests-3-4711") == IRSA_NO_TIME);
    assert_true(irsa_time_of_id("0193a6c4-5d6e-7f80-9a1b-2c3d4e5f607g") == IRSA_NO_TIME);
    assert_true(irsa_time_of_id("") == IRSA_NO_TIME);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_region_of_a_profile_is_found),
        cmocka_unit_test(a_profile_without_a_region_is_told_from_one_that_is_not_there),
        cmocka_unit_test(since_is_a_time_or_a_duration_before_now),
        cmocka_unit_test(an_id_of_version_7_tells_when_it_was_made),
    };
    return RUN_TESTS("times and regions are read as people and AWS write them");
}
