#include "core/base/url.h"

#include "core/base/arena.h"
#include "tests/support/test.h"

static struct irsa_arena *arena;
static struct irsa_error err;

static int start(void **state) {
    (void)state;
    arena = irsa_arena_new();
    return 0;
}

static int stop(void **state) {
    (void)state;
    irsa_arena_free(arena);
    return 0;
}

static struct irsa_url parse(const char *text) {
    struct irsa_url url;
    assert_ok(irsa_url_parse(arena, text, &url, &err), err);
    return url;
}

static void a_url_is_split_into_its_parts(void **state) {
    (void)state;
    struct irsa_url url = parse("HTTPS://Example.COM:8443/a%2Fb/../c?x=1&y");
    assert_string_equal(url.scheme, "https");
    assert_string_equal(url.host, "example.com");
    assert_int_equal(url.port, 8443);
    assert_string_equal(url.authority, "example.com:8443");
    assert_string_equal(url.path, "/a%2Fb/../c");
    assert_string_equal(url.query, "x=1&y");
}

static void what_is_left_out_has_its_default(void **state) {
    (void)state;
    struct irsa_url url = parse("http://h");
    assert_int_equal(url.port, -1);
    assert_string_equal(url.path, "/");
    assert_string_equal(url.query, "");
    url = parse("http://h?q");
    assert_string_equal(url.path, "/");
    assert_string_equal(url.query, "q");
    assert_int_equal(parse("http://h:/").port, -1);
}

static void the_schemes_own_port_is_not_part_of_the_authority(void **state) {
    (void)state;
    assert_string_equal(parse("https://h:443/").authority, "h");
    assert_string_equal(parse("http://h:80/").authority, "h");
    assert_string_equal(parse("https://h:80/").authority, "h:80");
    assert_string_equal(parse("http://h:443/").authority, "h:443");
}

static void an_ipv6_address_loses_its_brackets_in_the_host_only(void **state) {
    (void)state;
    struct irsa_url url = parse("https://[2001:DB8::1]:6443/");
    assert_string_equal(url.host, "2001:db8::1");
    assert_string_equal(url.authority, "[2001:db8::1]:6443");
    assert_int_equal(url.port, 6443);
    assert_string_equal(parse("https://[::1]").authority, "[::1]");
}

static void what_readers_disagree_about_is_refused(void **state) {
    (void)state;
    static const char *const refused[] = {
        "",
        "h",
        "//h/",
        "ftp://h/",
        "https:/h/",
        "https://",
        "https:///path",
        "https://user@h/",
        "https://user:secret@h/",
        "https://h@evil/",
        "https://h/#fragment",
        "https://h:0/",
        "https://h:65536/",
        "https://h:1a/",
        "https://h:-1/",
        "https://h /",
        "https://h/a b",
        "https://h/\ta",
        "https://h/\xc3\xa9",
        "https://h\\evil/",
        "https://h\n/",
        "https://[::1/",
        "https://[::g]/",
        "https://[]/",
        "https://[::1]x/",
        "https://a:b:c/",
        "https://h%2e/",
        "https://h,i/",
    };
    for (size_t i = 0; i < COUNT_OF(refused); i++) {
        struct irsa_url url;
        if (irsa_url_parse(arena, refused[i], &url, &err))
            fail_msg("%s was taken", refused[i]);
        assert_code(err, INVALID);
    }
}

static void a_url_of_more_than_8_kib_is_refused(void **state) {
    (void)state;
    char text[8194];
    struct irsa_url url;
    memset(text, 'a', sizeof text);
    memcpy(text, "https://h/", 10);
    text[8192] = '\0';
    assert_ok(irsa_url_parse(arena, text, &url, &err), err);
    text[8192] = 'a';
    text[8193] = '\0';
    assert_false(irsa_url_parse(arena, text, &url, &err));
    assert_code(err, INVALID);
}

static void no_secret_of_a_url_is_in_the_error(void **state) {
    (void)state;
    struct irsa_url url;
    assert_false(irsa_url_parse(arena, "https://h/?X-Amz-Signature=s3cret#x", &url, &err));
    assert_null(strstr(err.message, "s3cret"));
    assert_false(irsa_url_parse(arena, "https://me:s3cret@h/", &url, &err));
    assert_null(strstr(err.message, "s3cret"));
}

static void loopback_is_what_no_name_server_can_move(void **state) {
    (void)state;
    static const char *const is[] = {"http://127.0.0.1/", "http://127.255.255.254:80/", "http://[::1]/",
                                     "http://localhost/", "http://LOCALHOST/",          "http://a.b.localhost/"};
    static const char *const is_not[] = {"http://127.0.0.1.example.com/",
                                         "http://127.0.0.256/",
                                         "http://127.1.example/",
                                         "http://0.0.0.0/",
                                         "http://[::2]/",
                                         "http://localhost.com/",
                                         "http://notlocalhost/",
                                         "http://10.0.0.1/",
                                         "http://127.1/"};
    for (size_t i = 0; i < COUNT_OF(is); i++) {
        struct irsa_url url = parse(is[i]);
        if (!irsa_url_is_loopback(&url))
            fail_msg("%s is loopback", is[i]);
    }
    for (size_t i = 0; i < COUNT_OF(is_not); i++) {
        struct irsa_url url = parse(is_not[i]);
        if (irsa_url_is_loopback(&url))
            fail_msg("%s is not loopback", is_not[i]);
    }
}

static const char *encoded(const char *text, bool keep_slash) {
    struct irsa_text out;
    irsa_text_init(&out, arena, 4096);
    irsa_url_encode(&out, text, strlen(text), keep_slash);
    return out.at;
}

static void everything_but_the_unreserved_is_encoded(void **state) {
    (void)state;
    assert_string_equal(encoded("AZaz09-._~", false), "AZaz09-._~");
    assert_string_equal(encoded("a/b c+d%e", false), "a%2Fb%20c%2Bd%25e");
    assert_string_equal(encoded("a/b c", true), "a/b%20c");
    assert_string_equal(encoded("\xc3\xa9\x01\x7f", false), "%C3%A9%01%7F");
    assert_string_equal(encoded("!*'();:@&=$,?#[]", false), "%21%2A%27%28%29%3B%3A%40%26%3D%24%2C%3F%23%5B%5D");
    assert_string_equal(encoded("", false), "");
}

static void decoding_undoes_encoding(void **state) {
    (void)state;
    const char *text = "{\"a\": \"b+c%41/\xf0\x9f\x98\x80\"}\n";
    const char *once = encoded(text, false);
    const char *back;
    assert_true(irsa_url_decode(arena, once, strlen(once), false, &back));
    assert_string_equal(back, text);
    assert_true(irsa_url_decode(arena, "a+b%2bc%2B", 10, true, &back));
    assert_string_equal(back, "a b+c+");
    assert_true(irsa_url_decode(arena, "a+b", 3, false, &back));
    assert_string_equal(back, "a+b");
}

static void broken_escapes_and_nul_are_refused(void **state) {
    (void)state;
    static const char *const refused[] = {"%", "%4", "a%", "%4g", "%g4", "% 4", "%00", "a%00b", "%-1"};
    const char *back;
    for (size_t i = 0; i < COUNT_OF(refused); i++)
        if (irsa_url_decode(arena, refused[i], strlen(refused[i]), false, &back))
            fail_msg("%s was taken", refused[i]);
    /* what follows the given length is not looked at */
    assert_false(irsa_url_decode(arena, "%41", 2, false, &back));
    assert_false(irsa_url_decode(arena, "a\0b", 3, false, &back));
}

static void a_form_grows_field_by_field(void **state) {
    (void)state;
    struct irsa_text out;
    irsa_text_init(&out, arena, 4096);
    irsa_form_add(&out, "Action", "CreateRole");
    irsa_form_add(&out, "Tags.member.1.Value", "a b&c=d");
    irsa_form_add(&out, "Empty", "");
    assert_string_equal(out.at, "Action=CreateRole&Tags.member.1.Value=a%20b%26c%3Dd&Empty=");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_url_is_split_into_its_parts),
        cmocka_unit_test(what_is_left_out_has_its_default),
        cmocka_unit_test(the_schemes_own_port_is_not_part_of_the_authority),
        cmocka_unit_test(an_ipv6_address_loses_its_brackets_in_the_host_only),
        cmocka_unit_test(what_readers_disagree_about_is_refused),
        cmocka_unit_test(a_url_of_more_than_8_kib_is_refused),
        cmocka_unit_test(no_secret_of_a_url_is_in_the_error),
        cmocka_unit_test(loopback_is_what_no_name_server_can_move),
        cmocka_unit_test(everything_but_the_unreserved_is_encoded),
        cmocka_unit_test(decoding_undoes_encoding),
        cmocka_unit_test(broken_escapes_and_nul_are_refused),
        cmocka_unit_test(a_form_grows_field_by_field),
    };
    return cmocka_run_group_tests_name("URLs are read strictly and written once", tests, start, stop);
}
