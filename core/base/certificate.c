/*
 * A small certificate authority by OpenSSL. What can fail here is memory only, so failing ends the program.
 */
#include "core/base/certificate.h"

#include <arpa/inet.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/crypto.h"

#define VALID_FROM_S    (-60L * 60)
#define VALID_UNTIL_S   (10L * 24 * 60 * 60)
#define SERIAL_BYTES    16
#define COMMON_NAME_MAX 64 /* ub-common-name of X.520 */

struct irsa_authority {
    EVP_PKEY *key;
    X509 *certificate;
    char *pem;
};

static void must(bool is_done, const char *what) {
    if (is_done)
        return;
    fprintf(stderr, "irsa: OpenSSL cannot %s\n", what);
    abort();
}

static EVP_PKEY *new_key(void) {
    EVP_PKEY *key = EVP_EC_gen("P-256");
    must(key != NULL, "make a key");
    return key;
}

static void set_random_serial(X509 *certificate) {
    uint8_t bytes[SERIAL_BYTES];
    irsa_random_bytes(bytes, sizeof bytes);
    bytes[0] = (uint8_t)((bytes[0] & 0x7F) | 0x40); /* positive, and of this length */
    BIGNUM *number = BN_bin2bn(bytes, sizeof bytes, NULL);
    must(number != NULL && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != NULL, "set a serial");
    BN_free(number);
}

static void set_subject(X509 *certificate, const char *common_name) {
    char cut[COMMON_NAME_MAX + 1];
    snprintf(cut, sizeof cut, "%s", common_name);
    X509_NAME *name = X509_get_subject_name(certificate);
    must(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)cut, -1, -1, 0) == 1,
         "set a subject");
}

/* All but the issuer's name, the extensions and the signature. */
static X509 *new_certificate(EVP_PKEY *key, const char *common_name) {
    X509 *certificate = X509_new();
    must(certificate != NULL && X509_set_version(certificate, X509_VERSION_3) == 1, "make a certificate");
    set_random_serial(certificate);
    set_subject(certificate, common_name);
    must(X509_gmtime_adj(X509_getm_notBefore(certificate), VALID_FROM_S) != NULL &&
             X509_gmtime_adj(X509_getm_notAfter(certificate), VALID_UNTIL_S) != NULL &&
             X509_set_pubkey(certificate, key) == 1,
         "fill a certificate");
    return certificate;
}

static void add_extension(X509 *certificate, X509 *issuer, int nid, const char *value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_nconf_nid(NULL, &context, nid, value);
    must(extension != NULL && X509_add_ext(certificate, extension, -1) == 1, "add an extension");
    X509_EXTENSION_free(extension);
}

static bool is_address(const char *name) {
    unsigned char address[16];
    return inet_pton(AF_INET, name, address) == 1 || inet_pton(AF_INET6, name, address) == 1;
}

/* Made from its parts, not from a text, so that no name can be more than a name. */
static void add_names(X509 *certificate, const char *const *names, size_t count) {
    GENERAL_NAMES *all = GENERAL_NAMES_new();
    must(all != NULL, "list names");
    for (size_t i = 0; i < count; i++) {
        int kind = is_address(names[i]) ? GEN_IPADD : GEN_DNS;
        GENERAL_NAME *name = a2i_GENERAL_NAME(NULL, NULL, NULL, kind, names[i], 0);
        must(name != NULL && sk_GENERAL_NAME_push(all, name) > 0, "list a name");
    }
    must(X509_add1_ext_i2d(certificate, NID_subject_alt_name, all, 0, X509V3_ADD_DEFAULT) == 1, "add names");
    GENERAL_NAMES_free(all);
}

static void sign(X509 *certificate, const struct irsa_authority *authority) {
    must(X509_set_issuer_name(certificate, X509_get_subject_name(authority->certificate)) == 1 &&
             X509_sign(certificate, authority->key, EVP_sha256()) > 0,
         "sign a certificate");
}

/* What was written into a memory BIO, as text; the BIO is freed. NULL arena: from the heap. */
static char *take_text(BIO *bio, struct irsa_arena *arena) {
    char *bytes;
    long length = BIO_get_mem_data(bio, &bytes);
    must(length > 0, "write PEM");
    char *text = arena == NULL ? irsa_new((size_t)length + 1) : irsa_arena_alloc(arena, (size_t)length + 1);
    memcpy(text, bytes, (size_t)length);
    BIO_free(bio);
    return text;
}

static char *certificate_to_pem(X509 *certificate, struct irsa_arena *arena) {
    BIO *bio = BIO_new(BIO_s_mem());
    must(bio != NULL && PEM_write_bio_X509(bio, certificate) == 1, "write a certificate");
    return take_text(bio, arena);
}

static char *key_to_pem(EVP_PKEY *key, struct irsa_arena *arena) {
    BIO *bio = BIO_new(BIO_s_secmem());
    must(bio != NULL && PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) == 1, "write a key");
    return take_text(bio, arena);
}

struct irsa_authority *irsa_authority_new(const char *common_name) {
    struct irsa_authority *authority = irsa_new(sizeof *authority);
    authority->key = new_key();
    authority->certificate = new_certificate(authority->key, common_name);
    X509 *root = authority->certificate;
    add_extension(root, root, NID_basic_constraints, "critical,CA:TRUE");
    add_extension(root, root, NID_key_usage, "critical,keyCertSign,cRLSign");
    add_extension(root, root, NID_subject_key_identifier, "hash");
    sign(root, authority);
    authority->pem = certificate_to_pem(root, NULL);
    return authority;
}

void irsa_authority_free(struct irsa_authority *authority) {
    if (authority == NULL)
        return;
    EVP_PKEY_free(authority->key);
    X509_free(authority->certificate);
    free(authority->pem);
    free(authority);
}

const char *irsa_authority_pem(const struct irsa_authority *authority) {
    return authority->pem;
}

struct irsa_certificate irsa_authority_issue(struct irsa_authority *authority, struct irsa_arena *arena,
                                             const char *const *names, size_t name_count) {
    EVP_PKEY *key = new_key();
    X509 *leaf = new_certificate(key, names[0]);
    add_extension(leaf, authority->certificate, NID_basic_constraints, "critical,CA:FALSE");
    add_extension(leaf, authority->certificate, NID_key_usage, "critical,digitalSignature");
    add_extension(leaf, authority->certificate, NID_ext_key_usage, "serverAuth");
    add_extension(leaf, authority->certificate, NID_subject_key_identifier, "hash");
    add_extension(leaf, authority->certificate, NID_authority_key_identifier, "keyid:always");
    add_names(leaf, names, name_count);
    sign(leaf, authority);
    struct irsa_certificate issued = {.certificate_pem = certificate_to_pem(leaf, arena),
                                      .key_pem = key_to_pem(key, arena)};
    X509_free(leaf);
    EVP_PKEY_free(key);
    return issued;
}
