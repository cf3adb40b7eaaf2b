/*
 * A tiny HTTP server for tests of clients.
 */
#include "tests/component/tiny_server.h"

#include <arpa/inet.h>
#include <assert.h>
#include <openssl/pem.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

static ssize_t read_some(struct tiny_peer *peer, char *bytes, size_t size) {
    return peer->ssl == NULL ? recv(peer->fd, bytes, size, 0) : SSL_read(peer->ssl, bytes, (int)size);
}

static size_t body_length(const char *head) {
    const char *header = strcasestr(head, "\r\ncontent-length:");
    return header == NULL ? 0 : strtoul(header + strlen("\r\ncontent-length:"), NULL, 10);
}

bool tiny_read(struct tiny_peer *peer) {
    size_t length = 0;
    for (;;) {
        peer->request[length] = '\0';
        const char *end = strstr(peer->request, "\r\n\r\n");
        if (end != NULL && length >= (size_t)(end + 4 - peer->request) + body_length(peer->request)) {
            atomic_fetch_add(&peer->server->requests, 1);
            return true;
        }
        ssize_t got = read_some(peer, peer->request + length, TINY_REQUEST_BYTES - length - 1);
        if (got <= 0)
            return false;
        length += (size_t)got;
    }
}

bool tiny_send(struct tiny_peer *peer, const char *bytes) {
    size_t length = strlen(bytes);
    while (length > 0) {
        ssize_t sent =
            peer->ssl == NULL ? send(peer->fd, bytes, length, MSG_NOSIGNAL) : SSL_write(peer->ssl, bytes, (int)length);
        if (sent <= 0)
            return false;
        bytes += sent;
        length -= (size_t)sent;
    }
    return true;
}

void tiny_reset(struct tiny_peer *peer) {
    struct linger now = {1, 0};
    setsockopt(peer->fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    close(peer->fd);
    peer->fd = -1;
}

void tiny_wait_for_close(struct tiny_peer *peer) {
    char byte;
    while (recv(peer->fd, &byte, 1, 0) > 0) {
    }
}

void tiny_script_ok(struct tiny_peer *peer) {
    while (tiny_read(peer) && tiny_send(peer, TINY_OK)) {
    }
}

static void *run_peer(void *self) {
    struct tiny_peer *peer = self;
    sigset_t broken_pipe; /* of this thread only: the client under test must do without */
    sigemptyset(&broken_pipe);
    sigaddset(&broken_pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &broken_pipe, NULL);
    peer->request = malloc(TINY_REQUEST_BYTES);
    assert(peer->request != NULL);
    if (peer->server->ssl_ctx != NULL) {
        peer->ssl = SSL_new(peer->server->ssl_ctx);
        SSL_set_fd(peer->ssl, peer->fd);
    }
    if (peer->ssl == NULL || SSL_accept(peer->ssl) == 1)
        peer->server->script(peer);
    SSL_free(peer->ssl);
    free(peer->request);
    if (peer->fd >= 0)
        shutdown(peer->fd, SHUT_RDWR); /* closed when the server stops: the number must not be given to another one */
    return NULL;
}

static void *accept_peers(void *self) {
    struct tiny_server *server = self;
    for (;;) {
        int fd = accept(server->fd, NULL, NULL);
        if (fd < 0)
            return NULL;
        assert(server->peer_count < TINY_MAX_PEERS);
        struct tiny_peer *peer = &server->peers[server->peer_count];
        *peer = (struct tiny_peer){.server = server, .fd = fd, .number = server->peer_count++};
        atomic_fetch_add(&server->connections, 1);
        pthread_create(&peer->thread, NULL, run_peer, peer);
    }
}

static SSL_CTX *make_ssl_ctx(const char *certificate_pem, const char *key_pem, int most_version) {
    SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
    BIO *certificate_bio = BIO_new_mem_buf(certificate_pem, -1);
    BIO *key_bio = BIO_new_mem_buf(key_pem, -1);
    X509 *certificate = PEM_read_bio_X509(certificate_bio, NULL, NULL, NULL);
    EVP_PKEY *key = PEM_read_bio_PrivateKey(key_bio, NULL, NULL, NULL);
    assert(ctx != NULL && certificate != NULL && key != NULL);
    SSL_CTX_use_certificate(ctx, certificate);
    SSL_CTX_use_PrivateKey(ctx, key);
    if (most_version != 0) {
        SSL_CTX_set_security_level(ctx, 0);
        SSL_CTX_set_max_proto_version(ctx, most_version);
    }
    X509_free(certificate);
    EVP_PKEY_free(key);
    BIO_free(certificate_bio);
    BIO_free(key_bio);
    return ctx;
}

void tiny_server_start(struct tiny_server *server, tiny_script_fn *script, const char *certificate_pem,
                       const char *key_pem, int most_version) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    *server = (struct tiny_server){.script = script};
    if (certificate_pem != NULL)
        server->ssl_ctx = make_ssl_ctx(certificate_pem, key_pem, most_version);
    server->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int failed = server->fd < 0 || bind(server->fd, (struct sockaddr *)&address, length) != 0 ||
                 listen(server->fd, TINY_MAX_PEERS) != 0 ||
                 getsockname(server->fd, (struct sockaddr *)&address, &length) != 0;
    if (failed) {
        perror("tiny server");
        abort();
    }
    server->port = ntohs(address.sin_port);
    pthread_create(&server->thread, NULL, accept_peers, server);
}

void tiny_server_stop(struct tiny_server *server) {
    shutdown(server->fd, SHUT_RDWR);
    pthread_join(server->thread, NULL);
    close(server->fd);
    for (unsigned i = 0; i < server->peer_count; i++) {
        struct tiny_peer *peer = &server->peers[i];
        if (peer->fd >= 0)
            shutdown(peer->fd, SHUT_RDWR);
        pthread_join(peer->thread, NULL);
        if (peer->fd >= 0)
            close(peer->fd);
    }
    SSL_CTX_free(server->ssl_ctx);
}
