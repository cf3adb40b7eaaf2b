/*
 * The HTTP client against a server of our own: warm connections, bounds, aborts, certificates, what is refused.
 */
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/certificate.h"
#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/base/trust.h"
#include "core/http/http.h"
#include "tests/component/tiny_server.h"
#include "tests/support/test.h"

#define LONG_MS 30000 /* no test waits for it */

static struct irsa_arena *arena;
static struct irsa_authority *authority, *foreign_authority;
static struct irsa_trust *trust, *foreign_trust;
static struct irsa_http *http;
static struct tiny_server server;
static struct irsa_error err;
static struct irsa_http_reply reply;

static struct irsa_trust *trust_of(struct irsa_authority *of) {
    const char *pem = irsa_authority_pem(of);
    struct irsa_trust *made = irsa_trust_from_pem(pem, strlen(pem), &err);
    assert_non_null(made);
    return made;
}

static int start_all(void **state) {
    (void)state;
    arena = irsa_arena_new();
    authority = irsa_authority_new("tests");
    foreign_authority = irsa_authority_new("foreign");
    trust = trust_of(authority);
    foreign_trust = trust_of(foreign_authority);
    return 0;
}

static int stop_all(void **state) {
    (void)state;
    irsa_trust_free(trust);
    irsa_trust_free(foreign_trust);
    irsa_authority_free(authority);
    irsa_authority_free(foreign_authority);
    irsa_arena_free(arena);
    return 0;
}

static int start(void **state) {
    (void)state;
    http = irsa_http_new(&(struct irsa_http_options){0}, &err);
    return http == NULL;
}

static int stop(void **state) {
    (void)state;
    tiny_server_stop(&server);
    irsa_http_free(http);
    irsa_arena_clear(arena);
    return 0;
}

static void serve(tiny_script_fn *script) {
    tiny_server_start(&server, script, NULL, NULL, 0);
}

static void serve_tls(tiny_script_fn *script, const char *name, int most_version) {
    struct irsa_certificate certificate = irsa_authority_issue(authority, arena, &name, 1);
    tiny_server_start(&server, script, certificate.certificate_pem, certificate.key_pem, most_version);
}

static const char *url(const char *scheme, const char *path) {
    return irsa_arena_format(arena, "%s://127.0.0.1:%d%s", scheme, server.port, path);
}

static struct irsa_http_call get(const char *address) {
    return (struct irsa_http_call){.method = "GET",
                                   .url = address,
                                   .trust = trust,
                                   .deadline_ms = irsa_clock_monotonic_ms(irsa_clock_system()) + LONG_MS};
}

static bool send_call(const struct irsa_http_call *call) {
    const struct irsa_transport *transport = irsa_http_transport(http);
    return transport->exchange(transport->self, call, arena, &reply, &err);
}

static void must_succeed(const struct irsa_http_call *call) {
    if (!send_call(call))
        fail_msg("%s", err.message);
    assert_int_equal(reply.status, 200);
    assert_string_equal(reply.body, "ok");
}

static void must_fail(const struct irsa_http_call *call, enum irsa_code code, const char *upstream) {
    assert_false(send_call(call));
    assert_string_equal(irsa_code_name(err.code), irsa_code_name(code));
    assert_string_equal(err.upstream, upstream);
}

/* Warm connections */

static void a_connection_is_kept_and_used_again(void **state) {
    (void)state;
    serve(tiny_script_ok);
    struct irsa_http_call call = get(url("http", "/"));
    for (int i = 0; i < 5; i++)
        must_succeed(&call);
    assert_int_equal(server.connections, 1);
    assert_int_equal(server.requests, 5);
    assert_int_equal(irsa_http_connections_opened(http), 1);
}

static void a_tls_connection_is_kept_and_used_again(void **state) {
    (void)state;
    serve_tls(tiny_script_ok, "127.0.0.1", 0);
    struct irsa_http_call call = get(url("https", "/"));
    for (int i = 0; i < 5; i++)
        must_succeed(&call);
    assert_int_equal(server.connections, 1);
    assert_int_equal(irsa_http_connections_opened(http), 1);
}

static void *call_fifty_times(void *address) {
    struct irsa_arena *own = irsa_arena_new();
    const struct irsa_transport *transport = irsa_http_transport(http);
    uintptr_t failures = 0;
    for (int i = 0; i < 50; i++) {
        struct irsa_http_call call = get(address);
        struct irsa_http_reply answer;
        struct irsa_error problem;
        bool is_good = transport->exchange(transport->self, &call, own, &answer, &problem) && answer.status == 200 &&
                       strcmp(answer.body, "ok") == 0;
        failures += !is_good;
        irsa_arena_clear(own);
    }
    irsa_arena_free(own);
    return (void *)failures; /* NOLINT(performance-no-int-to-ptr) */
}

static void connections_go_from_thread_to_thread(void **state) {
    (void)state;
    pthread_t threads[8];
    serve_tls(tiny_script_ok, "127.0.0.1", 0);
    char address[64];
    snprintf(address, sizeof address, "%s", url("https", "/"));
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 8; i++)
            pthread_create(&threads[i], NULL, call_fifty_times, address);
        for (int i = 0; i < 8; i++) {
            void *failures;
            pthread_join(threads[i], &failures);
            assert_null(failures);
        }
    }
    assert_int_equal(server.requests, 800);
    assert_in_range(server.connections, 1, 8);
    assert_int_equal(irsa_http_connections_opened(http), server.connections);
}

static void answer_once(struct tiny_peer *peer) {
    if (tiny_read(peer))
        tiny_send(peer, TINY_OK);
}

static void a_warm_connection_that_the_server_closed_is_replaced(void **state) {
    (void)state;
    serve(answer_once);
    struct irsa_http_call call = get(url("http", "/"));
    must_succeed(&call);
    must_succeed(&call);
    assert_int_equal(server.connections, 2);
}

static void die_before_the_second_answer(struct tiny_peer *peer) {
    if (peer->number > 0) {
        tiny_script_ok(peer);
        return;
    }
    if (tiny_read(peer) && tiny_send(peer, TINY_OK) && tiny_read(peer))
        tiny_reset(peer);
}

static void a_request_reaches_the_server_twice_when_a_warm_connection_dies(void **state) {
    (void)state;
    serve(die_before_the_second_answer);
    struct irsa_http_call call = get(url("http", "/"));
    call.method = "POST";
    call.body = "x";
    call.body_length = 1;
    must_succeed(&call);
    must_succeed(&call);
    assert_int_equal(server.requests, 3);
}

static void forgetting_a_trust_closes_its_connections(void **state) {
    (void)state;
    serve_tls(tiny_script_ok, "127.0.0.1", 0);
    struct irsa_http_call call = get(url("https", "/"));
    must_succeed(&call);
    irsa_http_forget(http, foreign_trust);
    must_succeed(&call);
    assert_int_equal(server.connections, 1);
    irsa_http_forget(http, trust);
    must_succeed(&call);
    assert_int_equal(server.connections, 2);
}

/* Ends before the end */

static sem_t arrived;

static void never_answer(struct tiny_peer *peer) {
    tiny_read(peer);
    sem_post(&arrived);
    tiny_wait_for_close(peer);
}

static void *cancel_on_arrival(void *cancel) {
    sem_wait(&arrived);
    irsa_cancel_set(cancel);
    return NULL;
}

/* How long a call lived that was cancelled as soon as the server had read it. */
static int64_t cancelled_after_ms(void) {
    pthread_t canceller;
    struct irsa_cancel cancel;
    struct irsa_http_call call = get(url("http", "/"));
    irsa_cancel_init(&cancel);
    call.cancel = &cancel;
    pthread_create(&canceller, NULL, cancel_on_arrival, &cancel);
    int64_t start_ms = irsa_clock_monotonic_ms(irsa_clock_system());
    must_fail(&call, IRSA_CODE_UNAVAILABLE, "");
    int64_t duration_ms = irsa_clock_monotonic_ms(irsa_clock_system()) - start_ms;
    assert_non_null(strstr(err.message, "aborted"));
    pthread_join(canceller, NULL);
    must_fail(&call, IRSA_CODE_UNAVAILABLE, ""); /* and none is begun any more */
    irsa_cancel_done(&cancel);
    return duration_ms;
}

static void cancelling_ends_a_call_that_waits_for_its_answer(void **state) {
    (void)state;
    sem_init(&arrived, 0, 0);
    serve(never_answer);
    assert_in_range(cancelled_after_ms(), 0, LONG_MS / 3);
    assert_int_equal(server.requests, 1);
    sem_destroy(&arrived);
}

static void answer_but_once(struct tiny_peer *peer) {
    if (tiny_read(peer) && tiny_send(peer, TINY_OK))
        never_answer(peer);
}

/* On a cold connection libcurl looks up every now and then by itself; on a warm one it sleeps until it is woken. */
static void cancelling_ends_a_call_on_a_warm_connection_too(void **state) {
    (void)state;
    sem_init(&arrived, 0, 0);
    irsa_http_free(http);
    http = irsa_http_new(&(struct irsa_http_options){.connect_timeout_ms = LONG_MS}, &err); /* no timer of its own */
    serve(answer_but_once);
    struct irsa_http_call call = get(url("http", "/"));
    must_succeed(&call);
    assert_in_range(cancelled_after_ms(), 0, LONG_MS / 3);
    assert_int_equal(server.connections, 1);
    assert_int_equal(server.requests, 2);
    sem_destroy(&arrived);
}

static void the_deadline_ends_a_call(void **state) {
    (void)state;
    sem_init(&arrived, 0, 0);
    serve(never_answer);
    struct irsa_http_call call = get(url("http", "/"));
    call.deadline_ms = irsa_clock_monotonic_ms(irsa_clock_system()) + 50;
    must_fail(&call, IRSA_CODE_TIMEOUT, "");
    assert_int_equal(server.requests, 1);
    must_fail(&call, IRSA_CODE_TIMEOUT, "");
    assert_int_equal(server.connections, 1);
    sem_destroy(&arrived);
}

static void a_connection_that_nobody_takes_ends_by_its_own_time_limit(void **state) {
    (void)state;
    irsa_http_free(http);
    http = irsa_http_new(&(struct irsa_http_options){.connect_timeout_ms = 50}, &err);
    sem_init(&arrived, 0, 0);
    serve(never_answer); /* plain: the client's TLS greeting is no request and is never answered */
    struct irsa_http_call call = get(url("https", "/"));
    must_fail(&call, IRSA_CODE_UNAVAILABLE, IRSA_HTTP_CONNECT);
    sem_destroy(&arrived);
}

static void cut_short(struct tiny_peer *peer) {
    if (tiny_read(peer))
        tiny_send(peer, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nok");
}

static void a_body_that_is_cut_short_is_no_answer(void **state) {
    (void)state;
    serve(cut_short);
    struct irsa_http_call call = get(url("http", "/"));
    must_fail(&call, IRSA_CODE_UNAVAILABLE, "");
}

static const char *spoken;

static void speak(struct tiny_peer *peer) {
    if (tiny_read(peer))
        tiny_send(peer, spoken);
}

static void what_is_no_http_says_nothing_of_the_call(void **state) {
    (void)state;
    static const char *const cases[] = {"-ERR go away\r\n", "\x15\x03\x01 no plain text here", "HTTP/9 maybe\r\n\r\n",
                                        "HTTP/1.1 abc\r\n\r\n", "HTTP/1.1 000 Nothing\r\n\r\n"};
    serve(speak);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        spoken = cases[i];
        struct irsa_http_call call = get(url("http", "/"));
        must_fail(&call, IRSA_CODE_UNAVAILABLE, "");
    }
}

static void cut_a_chunk_short(struct tiny_peer *peer) {
    if (tiny_read(peer))
        tiny_send(peer, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n");
}

static void a_chunked_body_without_its_end_is_no_answer(void **state) {
    (void)state;
    serve(cut_a_chunk_short);
    struct irsa_http_call call = get(url("http", "/"));
    must_fail(&call, IRSA_CODE_UNAVAILABLE, "");
}

static void reset_at_once(struct tiny_peer *peer) {
    if (tiny_read(peer))
        tiny_reset(peer);
}

static void a_reset_is_no_answer(void **state) {
    (void)state;
    serve(reset_at_once);
    struct irsa_http_call call = get(url("http", "/"));
    must_fail(&call, IRSA_CODE_UNAVAILABLE, "");
    assert_int_equal(server.requests, 1);
}

static void refused_connections_say_that_nothing_was_sent(void **state) {
    (void)state;
    serve(tiny_script_ok);
    shutdown(server.fd, SHUT_RDWR);
    struct irsa_http_call call = get(url("http", "/"));
    must_fail(&call, IRSA_CODE_UNAVAILABLE, IRSA_HTTP_CONNECT);
}

/* Bounds */

static void announce_much(struct tiny_peer *peer) {
    if (tiny_read(peer))
        tiny_send(peer, "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n01234567890");
}

static void stream_much(struct tiny_peer *peer) {
    if (!tiny_read(peer) || !tiny_send(peer, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"))
        return;
    while (tiny_send(peer, "4\r\nmore\r\n")) {
    }
}

static void an_answer_over_its_bound_is_refused_while_it_is_read(void **state) {
    (void)state;
    serve(stream_much);
    struct irsa_http_call call = get(url("http", "/"));
    call.max_reply_bytes = 10000;
    must_fail(&call, IRSA_CODE_TOO_LARGE, "");
}

static void an_answer_of_just_its_bound_is_taken(void **state) {
    (void)state;
    serve(announce_much);
    struct irsa_http_call call = get(url("http", "/"));
    call.max_reply_bytes = 11;
    assert_true(send_call(&call));
    assert_int_equal(reply.body_length, 11);
    call.max_reply_bytes = 10;
    must_fail(&call, IRSA_CODE_TOO_LARGE, "");
}

static void send_many_headers(struct tiny_peer *peer) {
    char line[64];
    if (!tiny_read(peer) || !tiny_send(peer, "HTTP/1.1 200 OK\r\nX-First:  a b \r\n"))
        return;
    for (int i = 0; i < 100; i++) {
        snprintf(line, sizeof line, "X-Other-%d: %d\r\n", i, i);
        tiny_send(peer, line);
    }
    tiny_send(peer, "Content-Length: 2\r\n\r\nok");
}

static void headers_come_with_lower_case_names_and_at_most_32_of_them(void **state) {
    (void)state;
    serve(send_many_headers);
    struct irsa_http_call call = get(url("http", "/"));
    must_succeed(&call);
    assert_string_equal(irsa_http_header(&reply, "x-first"), "a b");
    assert_string_equal(irsa_http_header(&reply, "x-other-30"), "30");
    assert_null(irsa_http_header(&reply, "x-other-31"));
    assert_int_equal(reply.header_count, IRSA_HTTP_MAX_HEADERS);
}

static void send_interim_answer(struct tiny_peer *peer) {
    if (tiny_read(peer))
        tiny_send(peer, "HTTP/1.1 103 Early Hints\r\nX-Early: 1\r\n\r\nHTTP/1.1 200 OK\r\nX-Late: 2\r\n"
                        "Content-Length: 2\r\n\r\nok");
}

static void headers_of_an_interim_answer_are_forgotten(void **state) {
    (void)state;
    serve(send_interim_answer);
    struct irsa_http_call call = get(url("http", "/"));
    must_succeed(&call);
    assert_null(irsa_http_header(&reply, "x-early"));
    assert_string_equal(irsa_http_header(&reply, "x-late"), "2");
}

/* What goes out */

static void echo(struct tiny_peer *peer) {
    while (tiny_read(peer)) {
        char head[64];
        snprintf(head, sizeof head, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n", strlen(peer->request));
        if (!tiny_send(peer, head) || !tiny_send(peer, peer->request))
            return;
    }
}

static void a_call_goes_out_as_it_was_written(void **state) {
    (void)state;
    serve(echo);
    const struct irsa_http_header headers[] = {{"X-One", "1"}, {"X-Empty", ""}, {"Content-Type", "text/x"}};
    struct irsa_http_call call = get(url("http", "/a/../b%2Fc//d?x=%20&y"));
    call.method = "PATCH";
    call.headers = headers;
    call.header_count = 3;
    call.body = "the body";
    call.body_length = 8;
    assert_true(send_call(&call));
    assert_true(irsa_text_starts_with(reply.body, "PATCH /a/../b%2Fc//d?x=%20&y HTTP/1.1\r\n"));
    assert_non_null(strstr(reply.body, "\r\nX-One: 1\r\n"));
    assert_non_null(strstr(reply.body, "\r\nX-Empty:\r\n"));
    assert_non_null(strstr(reply.body, "\r\nContent-Type: text/x\r\n"));
    assert_non_null(strstr(reply.body, "\r\nUser-Agent: irsa/" IRSA_VERSION "\r\n"));
    assert_non_null(strstr(reply.body, "\r\nContent-Length: 8\r\n"));
    assert_true(irsa_text_ends_with(reply.body, "\r\n\r\nthe body"));
}

static void nothing_of_a_call_is_left_for_the_next_one(void **state) {
    (void)state;
    serve(echo);
    const struct irsa_http_header headers[] = {{"X-One", "1"}};
    struct irsa_http_call call = get(url("http", "/first"));
    call.method = "DELETE";
    call.headers = headers;
    call.header_count = 1;
    call.body = "{}";
    call.body_length = 2;
    assert_true(send_call(&call));
    call = get(url("http", "/second"));
    assert_true(send_call(&call));
    assert_true(irsa_text_starts_with(reply.body, "GET /second HTTP/1.1\r\n"));
    assert_null(strstr(reply.body, "X-One"));
    assert_null(strstr(reply.body, "{}"));
    assert_null(strcasestr(reply.body, "content-length"));
    call.method = "POST";
    assert_true(send_call(&call));
    assert_non_null(strstr(reply.body, "\r\nContent-Length: 0\r\n"));
    call.method = "DELETE";
    assert_true(send_call(&call));
    assert_true(irsa_text_starts_with(reply.body, "DELETE /second HTTP/1.1\r\n"));
    assert_null(strcasestr(reply.body, "content-length"));
    assert_int_equal(server.connections, 1);
}

static void a_large_body_is_sent_without_asking_first(void **state) {
    (void)state;
    serve(echo);
    struct irsa_http_call call = get(url("http", "/"));
    char *body = irsa_arena_alloc(arena, 2000001);
    memset(body, 'x', 2000000);
    call.method = "POST";
    call.body = body;
    call.body_length = 2000000;
    assert_true(send_call(&call));
    assert_null(strcasestr(reply.body, "\r\nexpect:"));
    assert_true(irsa_text_ends_with(reply.body, "xxx"));
}

static void a_header_that_would_end_its_line_is_refused(void **state) {
    (void)state;
    static const struct irsa_http_header bad[] = {
        {"X-One", "a\r\nX-Two: b"}, {"X-One: b\r\nX-Two", "c"}, {"", "a"}, {"X One", "a"}, {"X-One", "\x7f"}};
    serve(tiny_script_ok);
    struct irsa_http_call call = get(url("http", "/"));
    call.header_count = 1;
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        call.headers = &bad[i];
        must_fail(&call, IRSA_CODE_INVALID, "");
    }
    call.header_count = 0;
    call.method = "GET / HTTP/1.1\r\nX:";
    must_fail(&call, IRSA_CODE_INVALID, "");
    assert_int_equal(server.connections, 0);
}

static void redirect(struct tiny_peer *peer) {
    while (tiny_read(peer) && tiny_send(peer, "HTTP/1.1 302 Found\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n")) {
    }
}

static void a_redirect_is_an_answer_and_not_followed(void **state) {
    (void)state;
    serve(redirect);
    struct irsa_http_call call = get(url("http", "/"));
    assert_true(send_call(&call));
    assert_int_equal(reply.status, 302);
    assert_string_equal(irsa_http_header(&reply, "location"), "/other");
    assert_int_equal(server.requests, 1);
}

static void plain_http_is_for_loopback_only(void **state) {
    (void)state;
    static const char *const refused[] = {
        "http://192.0.2.1/",     "http://example.com/",   "http://127.0.0.1.example.com/",
        "http://[2001:db8::1]/", "http://localhost.com/", "http://127.0.0.256/",
        "ftp://127.0.0.1/",      "file:///etc/passwd",    "127.0.0.1",
        "http://a@127.0.0.1/"};
    serve(tiny_script_ok);
    for (size_t i = 0; i < COUNT_OF(refused); i++) {
        struct irsa_http_call call = get(refused[i]);
        must_fail(&call, IRSA_CODE_INVALID, "");
        assert_true(strlen(err.message) > 10);
    }
    struct irsa_http_call call = get(irsa_arena_format(arena, "http://a.localhost:%d/", server.port));
    must_succeed(&call);
}

/* Certificates */

static void a_certificate_of_a_foreign_authority_is_refused(void **state) {
    (void)state;
    serve_tls(tiny_script_ok, "127.0.0.1", 0);
    struct irsa_http_call call = get(url("https", "/"));
    call.trust = foreign_trust;
    must_fail(&call, IRSA_CODE_UNAVAILABLE, IRSA_HTTP_TLS);
    call.trust = NULL; /* the system's authorities */
    must_fail(&call, IRSA_CODE_UNAVAILABLE, IRSA_HTTP_TLS);
    assert_int_equal(server.requests, 0);
}

static void a_certificate_for_another_name_is_refused(void **state) {
    (void)state;
    serve_tls(tiny_script_ok, "127.0.0.2", 0);
    struct irsa_http_call call = get(url("https", "/"));
    must_fail(&call, IRSA_CODE_UNAVAILABLE, IRSA_HTTP_TLS);
}

static void a_warm_connection_serves_only_those_who_trust_its_authority(void **state) {
    (void)state;
    serve_tls(tiny_script_ok, "127.0.0.1", 0);
    struct irsa_http_call call = get(url("https", "/"));
    must_succeed(&call);
    call.trust = foreign_trust;
    must_fail(&call, IRSA_CODE_UNAVAILABLE, IRSA_HTTP_TLS);
    call.trust = trust;
    must_succeed(&call);
    assert_int_equal(server.requests, 2);
}

static void tls_before_1_2_is_refused(void **state) {
    (void)state;
    serve_tls(tiny_script_ok, "127.0.0.1", TLS1_1_VERSION);
    struct irsa_http_call call = get(url("https", "/"));
    must_fail(&call, IRSA_CODE_UNAVAILABLE, "");
    assert_int_equal(server.requests, 0);
}

static void a_bundle_stands_in_for_the_systems_authorities(void **state) {
    (void)state;
    char path[] = "/tmp/irsa-bundle-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    const char *pem = irsa_authority_pem(authority);
    assert_int_equal(write(fd, pem, strlen(pem)), strlen(pem));
    close(fd);
    irsa_http_free(http);
    http = irsa_http_new(&(struct irsa_http_options){.ca_bundle = path}, &err);
    unlink(path);
    assert_non_null(http);
    serve_tls(tiny_script_ok, "127.0.0.1", 0);
    struct irsa_http_call call = get(url("https", "/"));
    call.trust = NULL;
    must_succeed(&call);
    assert_null(irsa_http_new(&(struct irsa_http_options){.ca_bundle = path}, &err));
    assert_int_equal(err.code, IRSA_CODE_CONFIG);
}

/* Proxies */

static void note_proxied(struct tiny_peer *peer) {
    if (tiny_read(peer))
        tiny_send(peer, irsa_text_starts_with(peer->request, "CONNECT example.invalid:443 HTTP/1.1\r\n")
                            ? "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"
                            : TINY_OK);
}

static void a_proxy_is_used_for_https_but_never_for_loopback(void **state) {
    (void)state;
    serve(note_proxied);
    char proxy[64];
    snprintf(proxy, sizeof proxy, "http://127.0.0.1:%d", server.port);
    setenv("HTTPS_PROXY", proxy, 1);
    struct irsa_http_call call = get("https://example.invalid/");
    assert_false(send_call(&call));
    assert_non_null(strstr(err.message, "403"));
    setenv("NO_PROXY", "example.invalid", 1);
    must_fail(&call, IRSA_CODE_UNAVAILABLE, IRSA_HTTP_CONNECT);
    unsetenv("NO_PROXY");
    tiny_server_stop(&server);
    serve_tls(tiny_script_ok, "127.0.0.1", 0);
    setenv("HTTPS_PROXY", "http://127.0.0.1:1", 1);
    setenv("https_proxy", "http://127.0.0.1:1", 1);
    setenv("http_proxy", "http://127.0.0.1:1", 1);
    call = get(url("https", "/"));
    must_succeed(&call);
    unsetenv("HTTPS_PROXY");
    unsetenv("https_proxy");
    unsetenv("http_proxy");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(a_connection_is_kept_and_used_again),
        CASE(a_tls_connection_is_kept_and_used_again),
        CASE(connections_go_from_thread_to_thread),
        CASE(a_warm_connection_that_the_server_closed_is_replaced),
        CASE(a_request_reaches_the_server_twice_when_a_warm_connection_dies),
        CASE(forgetting_a_trust_closes_its_connections),
        CASE(cancelling_ends_a_call_that_waits_for_its_answer),
        CASE(cancelling_ends_a_call_on_a_warm_connection_too),
        CASE(the_deadline_ends_a_call),
        CASE(a_connection_that_nobody_takes_ends_by_its_own_time_limit),
        CASE(a_body_that_is_cut_short_is_no_answer),
        CASE(what_is_no_http_says_nothing_of_the_call),
        CASE(a_chunked_body_without_its_end_is_no_answer),
        CASE(a_reset_is_no_answer),
        CASE(refused_connections_say_that_nothing_was_sent),
        CASE(an_answer_over_its_bound_is_refused_while_it_is_read),
        CASE(an_answer_of_just_its_bound_is_taken),
        CASE(headers_come_with_lower_case_names_and_at_most_32_of_them),
        CASE(headers_of_an_interim_answer_are_forgotten),
        CASE(a_call_goes_out_as_it_was_written),
        CASE(nothing_of_a_call_is_left_for_the_next_one),
        CASE(a_large_body_is_sent_without_asking_first),
        CASE(a_header_that_would_end_its_line_is_refused),
        CASE(a_redirect_is_an_answer_and_not_followed),
        CASE(plain_http_is_for_loopback_only),
        CASE(a_certificate_of_a_foreign_authority_is_refused),
        CASE(a_certificate_for_another_name_is_refused),
        CASE(a_warm_connection_serves_only_those_who_trust_its_authority),
        CASE(tls_before_1_2_is_refused),
        CASE(a_bundle_stands_in_for_the_systems_authorities),
        CASE(a_proxy_is_used_for_https_but_never_for_loopback),
    };
    return cmocka_run_group_tests_name("http", tests, start_all, stop_all);
}
