/*
 * A tiny HTTP server on a loopback port, for tests of clients: each connection gets a thread that runs the test's script.
 */
#ifndef IRSA_TESTS_TINY_SERVER_H
#define IRSA_TESTS_TINY_SERVER_H

#include <openssl/ssl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#define TINY_MAX_PEERS     64
#define TINY_REQUEST_BYTES ((size_t)4 * 1024 * 1024)

struct tiny_server;

/* One connection, seen from the server. */
struct tiny_peer {
    struct tiny_server *server;
    pthread_t thread;
    atomic_int fd; /* -1: the script has closed it */
    SSL *ssl;
    unsigned number; /* from 0, in the order of arrival */
    char *request;   /* the last one read: head and body, terminated */
};

typedef void tiny_script_fn(struct tiny_peer *peer);

struct tiny_server {
    int fd;
    int port;
    pthread_t thread;
    tiny_script_fn *script;
    SSL_CTX *ssl_ctx; /* NULL: plain */
    struct tiny_peer peers[TINY_MAX_PEERS];
    unsigned peer_count;
    atomic_uint connections, requests;
};

/* certificate_pem NULL: plain http. most_version: 0 or the latest TLS version that it speaks. */
void tiny_server_start(struct tiny_server *server, tiny_script_fn *script, const char *certificate_pem,
                       const char *key_pem, int most_version);
/* Ends all connections. */
void tiny_server_stop(struct tiny_server *server);

/* Read a request with its body into peer->request. False when the client has closed. */
bool tiny_read(struct tiny_peer *peer);
/* False when the client is gone. */
bool tiny_send(struct tiny_peer *peer, const char *bytes);
/* Close with a RST. */
void tiny_reset(struct tiny_peer *peer);
/* Wait until the client closes. */
void tiny_wait_for_close(struct tiny_peer *peer);

/* Script: answers every request with 200 and "ok" until the client closes. */
void tiny_script_ok(struct tiny_peer *peer);

#define TINY_OK "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

#endif
