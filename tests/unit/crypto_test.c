#include "core/base/crypto.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/base/arena.h"
#include "tests/support/test.h"

static struct irsa_arena *arena;
static struct irsa_error err;

static int make_arena(void **state) {
    (void)state;
    arena = irsa_arena_new();
    return 0;
}

static int free_arena(void **state) {
    (void)state;
    irsa_arena_free(arena);
    return 0;
}

static const char *hex(const uint8_t *bytes, size_t length) {
    char *text = irsa_arena_alloc(arena, 2 * length + 1);
    irsa_hex_encode(bytes, length, text);
    return text;
}

/* FIPS 180-4, examples of NIST; "" from the CAVP's short messages. */
static void sha_256_is_that_of_fips_180(void **state) {
    (void)state;
    char text[IRSA_SHA256_HEX_BYTES];
    irsa_sha256_hex("", 0, text);
    assert_string_equal(text, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    irsa_sha256_hex("abc", 3, text);
    assert_string_equal(text, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    irsa_sha256_hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56, text);
    assert_string_equal(text, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    char *million = irsa_new(1000000);
    memset(million, 'a', 1000000);
    irsa_sha256_hex(million, 1000000, text);
    assert_string_equal(text, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    free(million);
}

static void sha_1_is_that_of_fips_180(void **state) {
    (void)state;
    uint8_t digest[IRSA_SHA1_BYTES];
    irsa_sha1("abc", 3, digest);
    assert_string_equal(hex(digest, sizeof digest), "a9993e364706816aba3e25717850c26c9cd0d89d");
    irsa_sha1("", 0, digest);
    assert_string_equal(hex(digest, sizeof digest), "da39a3ee5e6b4b0d3255bfef95601890afd80709");
    irsa_sha1("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56, digest);
    assert_string_equal(hex(digest, sizeof digest), "84983e441c3bd26ebaae4aa1f95129e5e54670f1");
}

/* RFC 4231, section 4. */
static void hmac_is_that_of_rfc_4231(void **state) {
    (void)state;
    uint8_t sequence[25];
    for (uint8_t i = 0; i < sizeof sequence; i++)
        sequence[i] = (uint8_t)(i + 1);
    char bytes_0b[20], bytes_aa[131], bytes_dd[50], bytes_cd[50];
    memset(bytes_0b, 0x0b, sizeof bytes_0b);
    memset(bytes_aa, 0xaa, sizeof bytes_aa);
    memset(bytes_dd, 0xdd, sizeof bytes_dd);
    memset(bytes_cd, 0xcd, sizeof bytes_cd);
    static const char long_text[] = "This is a test using a larger than block-size key and a larger than block-size "
                                    "data. The key needs to be hashed before being used by the HMAC algorithm.";
    const struct {
        const void *key;
        size_t key_length;
        const void *bytes;
        size_t length;
        const char *mac;
    } cases[] = {
        {bytes_0b, 20, "Hi There", 8, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
        {"Jefe", 4, "what do ya want for nothing?", 28,
         "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
        {bytes_aa, 20, bytes_dd, 50, "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
        {sequence, 25, bytes_cd, 50, "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
        {bytes_aa, 131, "Test Using Larger Than Block-Size Key - Hash Key First", 54,
         "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
        {bytes_aa, 131, long_text, sizeof long_text - 1,
         "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
        {"", 0, "", 0, "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        uint8_t mac[IRSA_SHA256_BYTES];
        irsa_hmac_sha256(cases[i].key, cases[i].key_length, cases[i].bytes, cases[i].length, mac);
        assert_string_equal(hex(mac, sizeof mac), cases[i].mac);
    }
}

static void a_mac_may_replace_its_key(void **state) {
    (void)state;
    uint8_t key[IRSA_SHA256_BYTES] = "Jefe";
    irsa_hmac_sha256(key, 4, "what do ya want for nothing?", 28, key);
    assert_string_equal(hex(key, sizeof key), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

static void *digest_in_a_thread(void *wrong) {
    for (int i = 0; i < 1000; i++) {
        char text[IRSA_SHA256_HEX_BYTES];
        irsa_sha256_hex("abc", 3, text);
        if (strncmp(text, "ba7816bf", 8) != 0)
            return wrong;
    }
    return NULL;
}

static void threads_do_not_disturb_each_other(void **state) {
    (void)state;
    pthread_t threads[4];
    int wrong;
    for (size_t i = 0; i < COUNT_OF(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, digest_in_a_thread, &wrong), 0);
    for (size_t i = 0; i < COUNT_OF(threads); i++) {
        void *result;
        pthread_join(threads[i], &result);
        assert_null(result);
    }
}

static void random_bytes_differ_and_fill_all(void **state) {
    (void)state;
    uint8_t a[1000] = {0}, b[1000] = {0};
    irsa_random_bytes(a, sizeof a);
    irsa_random_bytes(b, sizeof b);
    assert_memory_not_equal(a, b, sizeof a);
    unsigned zeros = 0;
    for (size_t i = 0; i < sizeof a; i++)
        zeros += a[i] == 0;
    assert_true(zeros < 50);
    irsa_random_bytes(a, 0);
}

static void bytes_are_compared_and_wiped(void **state) {
    (void)state;
    char secret[] = "secret";
    assert_true(irsa_bytes_equal_constant_time(secret, "secret", 6));
    assert_false(irsa_bytes_equal_constant_time(secret, "secreT", 6));
    assert_true(irsa_bytes_equal_constant_time(secret, "other", 0));
    irsa_wipe(secret, sizeof secret);
    for (size_t i = 0; i < sizeof secret; i++)
        assert_int_equal(secret[i], 0);
}

/* RFC 4648, section 10. */
static void base64_is_that_of_rfc_4648(void **state) {
    (void)state;
    static const char *const cases[][3] = {
        {"", "", ""},
        {"f", "Zg==", "Zg"},
        {"fo", "Zm8=", "Zm8"},
        {"foo", "Zm9v", "Zm9v"},
        {"foob", "Zm9vYg==", "Zm9vYg"},
        {"fooba", "Zm9vYmE=", "Zm9vYmE"},
        {"foobar", "Zm9vYmFy", "Zm9vYmFy"},
        {"\xfb\xff\xbf", "+/+/", "-_-_"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        size_t length = strlen(cases[i][0]);
        for (int alphabet = IRSA_BASE64_STANDARD; alphabet <= IRSA_BASE64_URL; alphabet++) {
            const char *encoded = cases[i][1 + alphabet];
            uint8_t *bytes;
            size_t decoded_length;
            assert_string_equal(irsa_base64_encode(arena, (enum irsa_base64)alphabet, cases[i][0], length), encoded);
            assert_ok(irsa_base64_decode(arena, (enum irsa_base64)alphabet, encoded, strlen(encoded), &bytes,
                                         &decoded_length, &err),
                      err);
            assert_int_equal(decoded_length, length);
            assert_memory_equal(bytes, cases[i][0], length);
        }
    }
}

static void base64_of_any_bytes_decodes_to_them(void **state) {
    (void)state;
    uint64_t seed = 7;
    uint8_t bytes[300];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)test_random(&seed);
    for (size_t length = 0; length <= sizeof bytes; length++) {
        for (int alphabet = IRSA_BASE64_STANDARD; alphabet <= IRSA_BASE64_URL; alphabet++) {
            const char *text = irsa_base64_encode(arena, (enum irsa_base64)alphabet, bytes, length);
            uint8_t *decoded;
            size_t decoded_length;
            assert_ok(irsa_base64_decode(arena, (enum irsa_base64)alphabet, text, strlen(text), &decoded,
                                         &decoded_length, &err),
                      err);
            assert_int_equal(decoded_length, length);
            assert_memory_equal(decoded, bytes, length);
        }
    }
}

static void base64_that_is_not_canonical_is_refused(void **state) {
    (void)state;
    static const char *const standard[] = {
        "Z",    "Zg",   "Zg=",  "Zg===",  "Zg==Zg==", "Zh==", "Zm9=", "Zm8",     "=",
        "====", "=Zg=", "Z===", "Zm9v\n", " Zm9v",    "Zm 9", "Zm-_", "Zm9\xc3", "Zg=\0"};
    static const char *const url[] = {"Z", "Zg==", "Zh", "Zm9", "Zm8=", "+/+/", "Zm9v\n", "Zm9vY"};
    uint8_t *bytes = NULL;
    size_t length = 0;
    for (size_t i = 0; i < COUNT_OF(standard); i++) {
        if (irsa_base64_decode(arena, IRSA_BASE64_STANDARD, standard[i], strlen(standard[i]), &bytes, &length, &err))
            fail_msg("%s was read", standard[i]);
        assert_code(err, SCHEMA);
    }
    for (size_t i = 0; i < COUNT_OF(url); i++) {
        if (irsa_base64_decode(arena, IRSA_BASE64_URL, url[i], strlen(url[i]), &bytes, &length, &err))
            fail_msg("%s was read", url[i]);
        assert_code(err, SCHEMA);
    }
    assert_false(irsa_base64_decode(arena, IRSA_BASE64_STANDARD, "Zg\0=", 4, &bytes, &length, &err));
    assert_null(bytes);
}

/* RFC 3720, appendix B.4, and the check value of the catalogues. */
static void crc_is_that_of_rfc_3720(void **state) {
    (void)state;
    uint8_t bytes[32] = {0};
    assert_true(irsa_crc32c(bytes, 32) == 0x8A9136AA);
    memset(bytes, 0xFF, 32);
    assert_true(irsa_crc32c(bytes, 32) == 0x62A8AB43);
    for (uint8_t i = 0; i < 32; i++)
        bytes[i] = i;
    assert_true(irsa_crc32c(bytes, 32) == 0x46DD794E);
    for (uint8_t i = 0; i < 32; i++)
        bytes[i] = (uint8_t)(31 - i);
    assert_true(irsa_crc32c(bytes, 32) == 0x113FDB5C);
    assert_true(irsa_crc32c("123456789", 9) == 0xE3069283);
    assert_true(irsa_crc32c("", 0) == 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sha_256_is_that_of_fips_180),
        cmocka_unit_test(sha_1_is_that_of_fips_180),
        cmocka_unit_test(hmac_is_that_of_rfc_4231),
        cmocka_unit_test(a_mac_may_replace_its_key),
        cmocka_unit_test(threads_do_not_disturb_each_other),
        cmocka_unit_test(random_bytes_differ_and_fill_all),
        cmocka_unit_test(bytes_are_compared_and_wiped),
        cmocka_unit_test(base64_is_that_of_rfc_4648),
        cmocka_unit_test(base64_of_any_bytes_decodes_to_them),
        cmocka_unit_test(base64_that_is_not_canonical_is_refused),
        cmocka_unit_test(crc_is_that_of_rfc_3720),
    };
    return cmocka_run_group_tests_name("digests and codes are those of their standards", tests, make_arena, free_arena);
}
