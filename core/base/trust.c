/*
 * The fence round X509_STORE: sets of certificate authorities that connections share.
 */
#include "core/base/trust.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/arena.h"

#define MAX_PEM_BYTES  (1 << 20)
#define MAX_FILE_BYTES (8 << 20)
#define DEBIAN_BUNDLE  "/etc/ssl/certs/ca-certificates.crt"

struct irsa_trust {
    X509_STORE *store;
    atomic_uint holders;
    uint64_t id;
};

static atomic_uint_fast64_t last_id;

/* The store counts references itself, but it has no id; the object is a thin one round it. */
static struct irsa_trust *new_trust(void) {
    struct irsa_trust *trust = irsa_new(sizeof *trust);
    trust->store = X509_STORE_new();
    if (trust->store == NULL)
        abort();
    /* whatever is in the set is trusted by itself, also when it is no root */
    X509_STORE_set_flags(trust->store, X509_V_FLAG_PARTIAL_CHAIN);
    atomic_init(&trust->holders, 1);
    trust->id = atomic_fetch_add(&last_id, 1) + 1;
    return trust;
}

struct irsa_trust *irsa_trust_retain(struct irsa_trust *trust) {
    atomic_fetch_add_explicit(&trust->holders, 1, memory_order_relaxed);
    return trust;
}

void irsa_trust_free(struct irsa_trust *trust) {
    if (trust == NULL || atomic_fetch_sub_explicit(&trust->holders, 1, memory_order_acq_rel) > 1)
        return;
    X509_STORE_free(trust->store);
    free(trust);
}

uint64_t irsa_trust_id(const struct irsa_trust *trust) {
    return trust->id;
}

void irsa_trust_apply(const struct irsa_trust *trust, void *ssl_ctx) {
    SSL_CTX_set1_cert_store(ssl_ctx, trust->store);
    SSL_CTX_set_verify(ssl_ctx, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_min_proto_version(ssl_ctx, TLS1_2_VERSION);
}

/* How many certificates of a PEM text went into the store, or -1 when one cannot be read. */
static int add_certificates(X509_STORE *store, const char *pem, size_t length) {
    int count = 0;
    BIO *bio = BIO_new_mem_buf(pem, (int)length);
    if (bio == NULL)
        abort();
    ERR_clear_error();
    for (;;) {
        X509 *certificate = PEM_read_bio_X509_AUX(bio, NULL, NULL, NULL);
        if (certificate == NULL)
            break;
        bool is_added = X509_STORE_add_cert(store, certificate) == 1;
        X509_free(certificate);
        if (!is_added)
            break;
        count++;
    }
    unsigned long last = ERR_peek_last_error();
    bool is_end = ERR_GET_LIB(last) == ERR_LIB_PEM && ERR_GET_REASON(last) == PEM_R_NO_START_LINE;
    ERR_clear_error();
    BIO_free(bio);
    return is_end ? count : -1;
}

struct irsa_trust *irsa_trust_from_pem(const char *pem, size_t length, struct irsa_error *err) {
    if (length > MAX_PEM_BYTES) {
        IRSA_FAIL(err, TOO_LARGE, "%zu bytes are too many for a set of certificates", length);
        return NULL;
    }
    struct irsa_trust *trust = new_trust();
    int count = add_certificates(trust->store, pem, length);
    if (count > 0)
        return trust;
    irsa_trust_free(trust);
    IRSA_FAIL(err, INVALID, count == 0 ? "there is no certificate in PEM form" : "a certificate cannot be read");
    return NULL;
}

/* The file's bytes, to be freed; NULL with `err` filled. */
static char *read_file(const char *path, size_t *out_length, struct irsa_error *err) {
    FILE *file = fopen(path, "rbe");
    if (file == NULL) {
        IRSA_FAIL(err, CONFIG, "%s: %s", path, strerror(errno));
        return NULL;
    }
    char *bytes = irsa_new(MAX_FILE_BYTES + 1);
    size_t length = fread(bytes, 1, MAX_FILE_BYTES + 1, file);
    bool is_read = !ferror(file) && length <= MAX_FILE_BYTES;
    fclose(file);
    if (is_read) {
        *out_length = length;
        return bytes;
    }
    free(bytes);
    IRSA_FAIL(err, CONFIG, "%s: it cannot be read, or is too large for a set of certificates", path);
    return NULL;
}

static bool add_file(struct irsa_trust *trust, const char *path, struct irsa_error *err) {
    size_t length;
    char *bytes = read_file(path, &length, err);
    if (bytes == NULL)
        return false;
    int count = add_certificates(trust->store, bytes, length);
    free(bytes);
    if (count == 0)
        return IRSA_FAIL(err, CONFIG, "%s: there is no certificate in PEM form", path);
    return count > 0 || IRSA_FAIL(err, CONFIG, "%s: a certificate cannot be read", path);
}

/* The file of the system's authorities, or NULL: SSL_CERT_FILE, OpenSSL's own, Debian's. */
static const char *system_file(void) {
    const char *named = getenv(X509_get_default_cert_file_env());
    if (named != NULL && *named != '\0')
        return named;
    if (access(X509_get_default_cert_file(), R_OK) == 0)
        return X509_get_default_cert_file();
    return access(DEBIAN_BUNDLE, R_OK) == 0 ? DEBIAN_BUNDLE : NULL;
}

/* The directory, whose certificates OpenSSL looks up by their subjects' hashes when it needs one. */
static const char *system_directory(bool has_file) {
    const char *named = getenv(X509_get_default_cert_dir_env());
    if (named != NULL && *named != '\0')
        return named;
    return has_file ? NULL : X509_get_default_cert_dir();
}

static bool add_system(struct irsa_trust *trust, struct irsa_error *err) {
    const char *file = system_file();
    const char *directory = system_directory(file != NULL);
    if (file != NULL && !add_file(trust, file, err))
        return false;
    if (directory == NULL)
        return true;
    if (access(directory, R_OK) != 0 || X509_STORE_load_path(trust->store, directory) != 1)
        return IRSA_FAIL(err, CONFIG, "%s: the system's certificate authorities are not there", directory);
    return true;
}

struct irsa_trust *irsa_trust_from_file(const char *path, struct irsa_error *err) {
    struct irsa_trust *trust = new_trust();
    if (path == NULL ? add_system(trust, err) : add_file(trust, path, err))
        return trust;
    irsa_trust_free(trust);
    return NULL;
}
