/*
 * Trust and certificates together: TLS handshakes in memory between a server with an issued certificate and a client
 * that trusts a set.
 */
#include "core/base/trust.h"

#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/base/arena.h"
#include "core/base/certificate.h"
#include "tests/support/test.h"

static struct irsa_arena *arena;
static struct irsa_authority *authority, *other;
static struct irsa_error err;

static int setup(void **state) {
    (void)state;
    arena = irsa_arena_new();
    authority = irsa_authority_new("test authority");
    other = irsa_authority_new("test authority"); /* the same name, another key */
    return 0;
}

static int teardown(void **state) {
    (void)state;
    irsa_authority_free(authority);
    irsa_authority_free(other);
    irsa_authority_free(NULL);
    irsa_arena_free(arena);
    return 0;
}

static X509 *read_certificate(const char *pem) {
    BIO *bio = BIO_new_mem_buf(pem, -1);
    X509 *certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL);
    BIO_free(bio);
    assert_non_null(certificate);
    return certificate;
}

static SSL_CTX *new_server(const struct irsa_certificate *issued) {
    SSL_CTX *server = SSL_CTX_new(TLS_server_method());
    X509 *certificate = read_certificate(issued->certificate_pem);
    BIO *bio = BIO_new_mem_buf(issued->key_pem, -1);
    EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
    assert_int_equal(SSL_CTX_use_certificate(server, certificate), 1);
    assert_int_equal(SSL_CTX_use_PrivateKey(server, key), 1);
    assert_int_equal(SSL_CTX_check_private_key(server), 1);
    BIO_free(bio);
    EVP_PKEY_free(key);
    X509_free(certificate);
    return server;
}

/* X509_V_OK, or why the client does not believe that the server is `name`. */
static long handshake(SSL_CTX *server_ctx, const struct irsa_trust *trust, const char *name, bool is_address) {
    SSL_CTX *client_ctx = SSL_CTX_new(TLS_client_method());
    irsa_trust_apply(trust, client_ctx);
    SSL *client = SSL_new(client_ctx);
    SSL *server = SSL_new(server_ctx);
    BIO *client_end, *server_end;
    BIO_new_bio_pair(&client_end, 0, &server_end, 0);
    SSL_set_bio(client, client_end, client_end);
    SSL_set_bio(server, server_end, server_end);
    if (is_address)
        X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(client), name);
    else
        SSL_set1_host(client, name);
    int done = 0;
    for (int i = 0; i < 20 && done != 1; i++) {
        done = SSL_connect(client);
        SSL_accept(server);
    }
    long result = SSL_get_verify_result(client);
    assert_int_equal(done == 1, result == X509_V_OK);
    SSL_free(client);
    SSL_free(server);
    SSL_CTX_free(client_ctx);
    return result;
}

static struct irsa_trust *trust_of(const char *pem) {
    struct irsa_trust *trust = irsa_trust_from_pem(pem, strlen(pem), &err);
    if (trust == NULL)
        fail_msg("%s", err.message);
    return trust;
}

static void a_server_is_believed_for_each_of_its_names(void **state) {
    (void)state;
    const char *const names[] = {"localhost", "*.eks.example", "127.0.0.1", "::1"};
    struct irsa_certificate issued = irsa_authority_issue(authority, arena, names, COUNT_OF(names));
    SSL_CTX *server = new_server(&issued);
    struct irsa_trust *trust = trust_of(irsa_authority_pem(authority));
    assert_int_equal(handshake(server, trust, "localhost", false), X509_V_OK);
    assert_int_equal(handshake(server, trust, "a.eks.example", false), X509_V_OK);
    assert_int_equal(handshake(server, trust, "127.0.0.1", true), X509_V_OK);
    assert_int_equal(handshake(server, trust, "::1", true), X509_V_OK);
    assert_int_equal(handshake(server, trust, "elsewhere", false), X509_V_ERR_HOSTNAME_MISMATCH);
    assert_int_equal(handshake(server, trust, "127.0.0.2", true), X509_V_ERR_IP_ADDRESS_MISMATCH);
    irsa_trust_free(trust);
    SSL_CTX_free(server);
}

static void a_server_of_another_authority_is_not_believed(void **state) {
    (void)state;
    const char *const names[] = {"localhost"};
    struct irsa_certificate issued = irsa_authority_issue(authority, arena, names, 1);
    SSL_CTX *server = new_server(&issued);
    struct irsa_trust *trust = trust_of(irsa_authority_pem(other));
    assert_int_not_equal(handshake(server, trust, "localhost", false), X509_V_OK);
    irsa_trust_free(trust);
    const char *both =
        irsa_arena_format(arena, "# comment\n%s\n%s", irsa_authority_pem(other), irsa_authority_pem(authority));
    trust = trust_of(both);
    assert_int_equal(handshake(server, trust, "localhost", false), X509_V_OK);
    irsa_trust_free(trust);
    SSL_CTX_free(server);
}

static void a_leaf_may_be_trusted_by_itself(void **state) {
    (void)state;
    const char *const names[] = {"localhost"};
    struct irsa_certificate issued = irsa_authority_issue(authority, arena, names, 1);
    struct irsa_certificate sibling = irsa_authority_issue(authority, arena, names, 1);
    SSL_CTX *server = new_server(&issued);
    SSL_CTX *sibling_server = new_server(&sibling);
    struct irsa_trust *trust = trust_of(issued.certificate_pem);
    assert_int_equal(handshake(server, trust, "localhost", false), X509_V_OK);
    assert_int_not_equal(handshake(sibling_server, trust, "localhost", false), X509_V_OK);
    irsa_trust_free(trust);
    SSL_CTX_free(server);
    SSL_CTX_free(sibling_server);
}

static void certificates_are_of_the_form_that_clients_want(void **state) {
    (void)state;
    char long_name[151];
    memset(long_name, 'a', 150);
    long_name[60] = long_name[120] = '.';
    long_name[150] = '\0';
    const char *const names[] = {long_name, "a,IP:10.0.0.1"};
    struct irsa_certificate issued = irsa_authority_issue(authority, arena, names, 2);
    struct irsa_certificate again = irsa_authority_issue(authority, arena, names, 2);
    X509 *leaf = read_certificate(issued.certificate_pem);
    X509 *twin = read_certificate(again.certificate_pem);
    X509 *root = read_certificate(irsa_authority_pem(authority));
    assert_int_equal(X509_check_ca(root), 1);
    assert_int_equal(X509_check_ca(leaf), 0);
    assert_int_equal(X509_check_purpose(leaf, X509_PURPOSE_SSL_SERVER, 0), 1);
    assert_int_equal(X509_check_purpose(leaf, X509_PURPOSE_SSL_CLIENT, 0), 0);
    assert_int_equal(X509_check_host(leaf, long_name, 0, 0, NULL), 1);
    assert_int_equal(X509_check_ip_asc(leaf, "10.0.0.1", 0), 0); /* a name is never more than a name */
    assert_int_equal(X509_check_issued(root, leaf), X509_V_OK);
    assert_int_equal(X509_get_version(leaf), X509_VERSION_3);
    assert_int_not_equal(ASN1_INTEGER_cmp(X509_get0_serialNumber(leaf), X509_get0_serialNumber(twin)), 0);
    assert_true(X509_cmp_current_time(X509_get0_notBefore(leaf)) < 0);
    time_t in_nine_days = time(NULL) + 9 * 86400;
    time_t in_eleven_days = time(NULL) + 11 * 86400;
    assert_true(X509_cmp_time(X509_get0_notAfter(leaf), &in_nine_days) > 0);
    assert_true(X509_cmp_time(X509_get0_notAfter(leaf), &in_eleven_days) < 0);
    X509_free(leaf);
    X509_free(twin);
    X509_free(root);
}

static void a_text_without_a_certificate_is_refused(void **state) {
    (void)state;
    static const char *const texts[] = {"", "no certificate", "-----BEGIN CERTIFICATE-----\n",
                                        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
                                        "-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n"};
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        assert_null(irsa_trust_from_pem(texts[i], strlen(texts[i]), &err));
        assert_code(err, INVALID);
    }
    const char *half = irsa_arena_format(arena, "%s-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
                                         irsa_authority_pem(authority));
    assert_null(irsa_trust_from_pem(half, strlen(half), &err));
    assert_code(err, INVALID);
    char *large = irsa_arena_alloc(arena, (1 << 20) + 2);
    memset(large, '\n', (1 << 20) + 1);
    assert_null(irsa_trust_from_pem(large, (1 << 20) + 1, &err));
    assert_code(err, TOO_LARGE);
}

static const char *write_file(const char *text) {
    char *path = irsa_arena_copy(arena, "/tmp/irsa-trust-XXXXXX");
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
    return path;
}

static void a_file_is_trusted_like_its_text(void **state) {
    (void)state;
    const char *path = write_file(irsa_authority_pem(authority));
    const char *const names[] = {"localhost"};
    struct irsa_certificate issued = irsa_authority_issue(authority, arena, names, 1);
    SSL_CTX *server = new_server(&issued);
    struct irsa_trust *trust = irsa_trust_from_file(path, &err);
    assert_non_null(trust);
    assert_int_equal(handshake(server, trust, "localhost", false), X509_V_OK);
    irsa_trust_free(trust);
    unlink(path);
    assert_null(irsa_trust_from_file(path, &err));
    assert_code(err, CONFIG);
    assert_non_null(strstr(err.message, path));
    path = write_file("nothing");
    assert_null(irsa_trust_from_file(path, &err));
    assert_code(err, CONFIG);
    unlink(path);
    SSL_CTX_free(server);
}

static void the_systems_set_is_where_the_environment_says(void **state) {
    (void)state;
    const char *path = write_file(irsa_authority_pem(authority));
    const char *const names[] = {"localhost"};
    struct irsa_certificate issued = irsa_authority_issue(authority, arena, names, 1);
    SSL_CTX *server = new_server(&issued);
    setenv("SSL_CERT_FILE", path, 1);
    struct irsa_trust *trust = irsa_trust_from_file(NULL, &err);
    assert_non_null(trust);
    assert_int_equal(handshake(server, trust, "localhost", false), X509_V_OK);
    irsa_trust_free(trust);
    unlink(path);
    assert_null(irsa_trust_from_file(NULL, &err));
    assert_code(err, CONFIG);
    unsetenv("SSL_CERT_FILE");
    setenv("SSL_CERT_DIR", "/no/such/directory", 1);
    assert_null(irsa_trust_from_file(NULL, &err));
    assert_code(err, CONFIG);
    unsetenv("SSL_CERT_DIR");
    SSL_CTX_free(server);
}

static void a_set_lives_as_long_as_its_last_holder(void **state) {
    (void)state;
    struct irsa_trust *trust = trust_of(irsa_authority_pem(authority));
    struct irsa_trust *second = trust_of(irsa_authority_pem(authority));
    assert_true(irsa_trust_id(trust) != irsa_trust_id(second));
    assert_ptr_equal(irsa_trust_retain(trust), trust);
    irsa_trust_free(trust);
    SSL_CTX *client = SSL_CTX_new(TLS_client_method());
    irsa_trust_apply(trust, client);
    irsa_trust_free(trust);
    assert_int_equal(SSL_CTX_get_verify_mode(client), SSL_VERIFY_PEER);
    assert_int_equal(SSL_CTX_get_min_proto_version(client), TLS1_2_VERSION);
    assert_int_equal(sk_X509_OBJECT_num(X509_STORE_get0_objects(SSL_CTX_get_cert_store(client))), 1);
    SSL_CTX_free(client);
    irsa_trust_free(second);
    irsa_trust_free(NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_server_is_believed_for_each_of_its_names),
        cmocka_unit_test(a_server_of_another_authority_is_not_believed),
        cmocka_unit_test(a_leaf_may_be_trusted_by_itself),
        cmocka_unit_test(certificates_are_of_the_form_that_clients_want),
        cmocka_unit_test(a_text_without_a_certificate_is_refused),
        cmocka_unit_test(a_file_is_trusted_like_its_text),
        cmocka_unit_test(the_systems_set_is_where_the_environment_says),
        cmocka_unit_test(a_set_lives_as_long_as_its_last_holder),
    };
    return cmocka_run_group_tests_name("exactly the given authorities are trusted", tests, setup, teardown);
}
