/*
 * The HTTP server on a real socket of loopback: what a handler gets, and what becomes of its reply.
 */
#include "core/httpd/httpd.h"

#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "tests/support/test.h"

#define MAX_BODY 1000

static struct irsa_httpd *httpd;

/* Of the test before a request is sent; the handler, on the server's thread, takes and leaves them with the lock. */
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct irsa_httpd_reply wanted;
static unsigned calls;
static char seen[4096];

static unsigned call_count(void) {
    pthread_mutex_lock(&mutex);
    unsigned count = calls;
    pthread_mutex_unlock(&mutex);
    return count;
}

/* Notes what came, and answers what the test wants. */
static void handle(void *self, const struct irsa_httpd_request *request, struct irsa_httpd_reply *out_reply) {
    (void)self;
    const char *header = irsa_httpd_header(request, "x-test");
    pthread_mutex_lock(&mutex);
    calls++;
    (void)snprintf(seen, sizeof(seen), "%s %s|%s|%s|%s|%zu|%.100s|%d", request->method, request->target, request->path,
                   request->query, header == NULL ? "" : header, request->body_length, request->body,
                   request->is_again);
    *out_reply = wanted;
    pthread_mutex_unlock(&mutex);
}

static int start(void **state) {
    (void)state;
    struct irsa_error err;
    const struct irsa_httpd_options options = {.handle = handle, .max_body_bytes = MAX_BODY};
    wanted = (struct irsa_httpd_reply){.status = 200, .content_type = "text/plain", .body = "hello", .body_length = 5};
    calls = 0;
    httpd = irsa_httpd_open(&options, &err);
    return httpd == NULL ? -1 : 0;
}

static int stop(void **state) {
    (void)state;
    irsa_httpd_close(httpd);
    return 0;
}

static int dial(void) {
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(irsa_httpd_port(httpd)),
                                  .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
    return fd;
}

static void send_text(int fd, const char *text) {
    assert_int_equal(send(fd, text, strlen(text), 0), strlen(text));
}

/* What comes until `end` is in it, or the connection is over. */
static const char *receive(int fd, const char *end, int *out_errno) {
    static char bytes[65536];
    size_t length = 0;
    *out_errno = 0;
    bytes[0] = '\0';
    while (strstr(bytes, end) == NULL) {
        ssize_t count = recv(fd, bytes + length, sizeof(bytes) - 1 - length, 0);
        if (count <= 0) {
            *out_errno = count < 0 ? errno : 0;
            break;
        }
        length += (size_t)count;
        bytes[length] = '\0';
    }
    return bytes;
}

static const char *ask(const char *text, const char *end, int *out_errno) {
    int fd = dial();
    send_text(fd, text);
    const char *answer = receive(fd, end, out_errno);
    close(fd);
    (void)call_count(); /* what the handler left is ours now */
    return answer;
}

#define GET "GET /a%20b?c=d%26 HTTP/1.1\r\nHost: x\r\nX-TEST: Yes\r\n\r\n"

static void a_request_comes_as_it_was_sent(void **state) {
    (void)state;
    int why;
    assert_non_null(strstr(ask(GET, "hello", &why), "HTTP/1.1 200 OK\r\n"));
    assert_string_equal(seen, "GET /a%20b?c=d%26|/a%20b|c=d%26|Yes|0||0");
}

static void a_body_is_gathered_whole(void **state) {
    (void)state;
    int why;
    int fd = dial();
    send_text(fd, "POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n01234");
    send_text(fd, "56789");
    (void)receive(fd, "hello", &why);
    close(fd);
    assert_string_equal(seen, "POST /x|/x|||10|0123456789|0");
    (void)ask("POST /y HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
              "hello", &why);
    assert_string_equal(seen, "POST /y|/y|||5|abcde|0");
}

static void a_body_over_the_bound_is_413_and_never_handed_over(void **state) {
    (void)state;
    int why;
    char chunked[4096] = "POST /y HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n7d0\r\n";
    assert_non_null(
        strstr(ask("POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\n\r\n", "\r\n\r\n", &why), " 413 "));
    size_t length = strlen(chunked);
    memset(chunked + length, 'a', 2000);
    memcpy(chunked + length + 2000, "\r\n0\r\n\r\n", sizeof("\r\n0\r\n\r\n"));
    assert_non_null(strstr(ask(chunked, "\r\n\r\n", &why), " 413 "));
    assert_int_equal(call_count(), 0);
}

static void a_connection_is_kept_for_the_next_request(void **state) {
    (void)state;
    int why;
    int fd = dial();
    for (int i = 0; i < 3; i++) {
        send_text(fd, GET);
        assert_non_null(strstr(receive(fd, "hello", &why), " 200 "));
    }
    close(fd);
    assert_int_equal(call_count(), 3);
}

static void headers_of_the_reply_are_sent(void **state) {
    (void)state;
    static const struct irsa_httpd_field more[] = {{"Retry-After", "7"}, {"X-Two", "b"}};
    int why;
    wanted.status = 429;
    wanted.headers = more;
    wanted.header_count = 2;
    const char *answer = ask(GET, "hello", &why);
    assert_non_null(strstr(answer, "HTTP/1.1 429 "));
    assert_non_null(strstr(answer, "Content-Type: text/plain\r\n"));
    assert_non_null(strstr(answer, "Retry-After: 7\r\n"));
    assert_non_null(strstr(answer, "X-Two: b\r\n"));
}

static void a_reply_without_status_or_body_is_500_and_empty(void **state) {
    (void)state;
    int why;
    wanted = (struct irsa_httpd_reply){0};
    const char *answer = ask(GET, "\r\n\r\n", &why);
    assert_non_null(strstr(answer, "HTTP/1.1 500 "));
    assert_non_null(strstr(answer, "Content-Length: 0\r\n"));
}

static void a_dropped_connection_ends_without_a_byte(void **state) {
    (void)state;
    int why;
    wanted.fault = IRSA_HTTPD_DROP;
    assert_string_equal(ask(GET, "hello", &why), "");
    assert_int_equal(why, 0);
    assert_int_equal(call_count(), 1);
}

static void a_reset_connection_is_reset(void **state) {
    (void)state;
    int why;
    wanted.fault = IRSA_HTTPD_RESET;
    assert_string_equal(ask(GET, "hello", &why), "");
    assert_int_equal(why, ECONNRESET);
}

static void a_truncated_reply_promises_all_and_sends_half(void **state) {
    (void)state;
    int why;
    wanted.fault = IRSA_HTTPD_TRUNCATE;
    wanted.body = "0123456789";
    wanted.body_length = 10;
    const char *answer = ask(GET, "456", &why);
    assert_non_null(strstr(answer, "Content-Length: 10\r\n"));
    assert_string_equal(strstr(answer, "\r\n\r\n") + 4, "01234");
}

static int64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void delays_run_side_by_side(void **state) {
    (void)state;
    enum { CONNECTIONS = 50, DELAY_MS = 100 };
    int fds[CONNECTIONS];
    int why;
    wanted.delay_ms = DELAY_MS;
    int64_t started_ms = now_ms();
    for (int i = 0; i < CONNECTIONS; i++) {
        fds[i] = dial();
        send_text(fds[i], GET);
    }
    for (int i = 0; i < CONNECTIONS; i++) {
        assert_non_null(strstr(receive(fds[i], "hello", &why), " 200 "));
        close(fds[i]);
    }
    int64_t took_ms = now_ms() - started_ms;
    assert_true(took_ms >= DELAY_MS);
    assert_true(took_ms < DELAY_MS * CONNECTIONS / 2); /* one after the other it would be 5 s */
}

static void a_handler_that_wants_to_be_called_again_is(void **state) {
    (void)state;
    int why;
    wanted.again_ms = 20;
    assert_non_null(strstr(ask(GET, "hello", &why), " 200 "));
    assert_int_equal(call_count(), 2);
    assert_non_null(strstr(seen, "|1"));
}

static void closing_does_not_wait_for_delayed_replies(void **state) {
    (void)state;
    wanted.delay_ms = 3600000;
    int fd = dial();
    send_text(fd, GET);
    while (call_count() == 0)
        usleep(1000);
    int64_t started_ms = now_ms();
    irsa_httpd_close(httpd);
    assert_true(now_ms() - started_ms < 60000);
    close(fd);
    httpd = NULL;
}

static void a_port_that_is_taken_is_a_wrong_setting(void **state) {
    (void)state;
    struct irsa_error err;
    struct irsa_httpd_options options = {.handle = handle, .port = irsa_httpd_port(httpd)};
    assert_null(irsa_httpd_open(&options, &err));
    assert_code(err, CONFIG);
    options = (struct irsa_httpd_options){.handle = handle, .address = "not-an-address"};
    assert_null(irsa_httpd_open(&options, &err));
    assert_code(err, CONFIG);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, start, stop)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(a_request_comes_as_it_was_sent),
        CASE(a_body_is_gathered_whole),
        CASE(a_body_over_the_bound_is_413_and_never_handed_over),
        CASE(a_connection_is_kept_for_the_next_request),
        CASE(headers_of_the_reply_are_sent),
        CASE(a_reply_without_status_or_body_is_500_and_empty),
        CASE(a_dropped_connection_ends_without_a_byte),
        CASE(a_reset_connection_is_reset),
        CASE(a_truncated_reply_promises_all_and_sends_half),
        CASE(delays_run_side_by_side),
        CASE(a_handler_that_wants_to_be_called_again_is),
        CASE(closing_does_not_wait_for_delayed_replies),
        CASE(a_port_that_is_taken_is_a_wrong_setting),
    };
    return RUN_TESTS("httpd");
}
