/*
 * The fence round libcurl: setting up a handle, running one exchange on it, reading the answer within its bounds.
 */
#include "core/http/connection.h"

#include <assert.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/base/trust.h"

#define DOWNLOAD_BUFFER_BYTES  4096L  /* most answers are shorter; libcurl would take four times as much */
#define UPLOAD_BUFFER_BYTES    16384L /* the least that libcurl takes */
#define LONGEST_WAIT_MS        60000
#define MAX_HEADER_VALUE_BYTES ((size_t)8 * 1024)

/* An answer on its way in. */
struct irsa_exchange {
    struct irsa_arena *arena;
    struct irsa_text body;
    struct irsa_http_header *headers;
    size_t header_count;
};

/* Options of a handle are constants of ours: only memory can fail here. */
#define SET(easy, option, value)                                                                                       \
    do {                                                                                                               \
        if (curl_easy_setopt((easy), (option), (value)) != CURLE_OK)                                                   \
            abort();                                                                                                   \
    } while (0)

static size_t take_body(char *bytes, size_t size, size_t count, void *self) {
    struct irsa_connection *connection = self;
    struct irsa_text *body = &connection->exchange->body;
    irsa_text_add_bytes(body, bytes, size * count);
    return body->is_over ? 0 : size * count;
}

static bool is_white(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* "Name: value\r\n" */
static void keep_header(struct irsa_exchange *exchange, const char *line, size_t length) {
    const char *colon = memchr(line, ':', length);
    if (colon == NULL || exchange->header_count == IRSA_HTTP_MAX_HEADERS || length > MAX_HEADER_VALUE_BYTES)
        return;
    const char *end = line + length;
    char *name = irsa_arena_copy_bytes(exchange->arena, line, length);
    char *value = name + (colon - line);
    *value++ = '\0';
    for (char *at = name; *at != '\0'; at++)
        if (*at >= 'A' && *at <= 'Z')
            *at = (char)(*at - 'A' + 'a');
    while (is_white(*value))
        value++;
    for (char *last = name + (end - line); last > value && is_white(last[-1]);)
        *--last = '\0';
    exchange->headers[exchange->header_count++] = (struct irsa_http_header){name, value};
}

/* Called for every line; the headers of an interim answer (1xx) are forgotten when the next status line comes. */
static size_t take_header(char *line, size_t size, size_t count, void *self) {
    struct irsa_connection *connection = self;
    size_t length = size * count;
    if (length >= 5 && memcmp(line, "HTTP/", 5) == 0)
        connection->exchange->header_count = 0;
    else
        keep_header(connection->exchange, line, length);
    return length;
}

static CURLcode trust_peers(CURL *easy, void *ssl_ctx, void *self) {
    const struct irsa_connection *connection = self;
    (void)easy;
    irsa_trust_apply(connection->trust, ssl_ctx);
    return CURLE_OK;
}

static int set_close_on_exec(void *self, curl_socket_t fd, curlsocktype purpose) {
    (void)self;
    (void)purpose;
    return fcntl(fd, F_SETFD, FD_CLOEXEC) == 0 ? CURL_SOCKOPT_OK : CURL_SOCKOPT_ERROR;
}

/*
 * CAINFO and CAPATH are NULL, so that libcurl parses no bundle of its own for each connection; trust_peers puts the
 * shared store in. QUICK_EXIT lets an aborted exchange leave a slow name server behind.
 */
static void set_security(struct irsa_connection *connection, bool is_loopback) {
    CURL *easy = connection->easy;
    SET(easy, CURLOPT_PROTOCOLS_STR, connection->trust_id == 0 ? "http" : "https");
    SET(easy, CURLOPT_FOLLOWLOCATION, 0L);
    SET(easy, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
    SET(easy, CURLOPT_SSL_VERIFYPEER, 1L);
    SET(easy, CURLOPT_SSL_VERIFYHOST, 2L);
    SET(easy, CURLOPT_CAINFO, NULL);
    SET(easy, CURLOPT_CAPATH, NULL);
    SET(easy, CURLOPT_SSL_CTX_FUNCTION, trust_peers);
    SET(easy, CURLOPT_SSL_CTX_DATA, connection);
    SET(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    if (is_loopback)
        SET(easy, CURLOPT_PROXY, "");
}

static void set_transfer(struct irsa_connection *connection, const struct irsa_connection_options *options) {
    CURL *easy = connection->easy;
    SET(easy, CURLOPT_NOSIGNAL, 1L);
    SET(easy, CURLOPT_QUICK_EXIT, 1L);
    SET(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    SET(easy, CURLOPT_PATH_AS_IS, 1L); /* what was signed is what is sent */
    SET(easy, CURLOPT_USERAGENT, options->user_agent);
    SET(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)options->connect_timeout_ms);
    SET(easy, CURLOPT_BUFFERSIZE, DOWNLOAD_BUFFER_BYTES);
    SET(easy, CURLOPT_UPLOAD_BUFFERSIZE, UPLOAD_BUFFER_BYTES);
    SET(easy, CURLOPT_ERRORBUFFER, connection->error_text);
    SET(easy, CURLOPT_SOCKOPTFUNCTION, set_close_on_exec);
    SET(easy, CURLOPT_WRITEFUNCTION, take_body);
    SET(easy, CURLOPT_WRITEDATA, connection);
    SET(easy, CURLOPT_HEADERFUNCTION, take_header);
    SET(easy, CURLOPT_HEADERDATA, connection);
}

struct irsa_connection *irsa_connection_new(const struct irsa_connection_options *options, const char *origin,
                                            uint64_t trust_id, bool is_loopback) {
    struct irsa_connection *connection = irsa_new(sizeof *connection);
    connection->easy = curl_easy_init();
    connection->multi = curl_multi_init();
    if (connection->easy == NULL || connection->multi == NULL)
        abort();
    connection->origin = irsa_new_copy(origin);
    connection->trust_id = trust_id;
    curl_multi_setopt(connection->multi, CURLMOPT_MAXCONNECTS, 1L);
    set_security(connection, is_loopback);
    set_transfer(connection, options);
    return connection;
}

void irsa_connection_free(struct irsa_connection *connection) {
    curl_easy_cleanup(connection->easy);
    curl_multi_cleanup(connection->multi);
    free(connection->origin);
    free(connection);
}

/* Lines for libcurl; the list's nodes are ours, so that nothing is copied. */
static struct curl_slist *make_lines(struct irsa_arena *arena, const struct irsa_http_call *call) {
    struct curl_slist *nodes = IRSA_NEW_ARRAY(arena, struct curl_slist, call->header_count + 1);
    static char no_expect[] = "Expect:"; /* a header without a value is left out */
    for (size_t i = 0; i < call->header_count; i++) {
        const struct irsa_http_header *header = &call->headers[i];
        /* libcurl's form for a header that is sent with an empty value is "Name;" */
        nodes[i].data = *header->value == '\0' ? irsa_arena_format(arena, "%s;", header->name)
                                               : irsa_arena_format(arena, "%s: %s", header->name, header->value);
        nodes[i].next = &nodes[i + 1];
    }
    nodes[call->header_count].data = no_expect;
    return nodes;
}

static void set_call(struct irsa_connection *connection, const struct irsa_http_call *call, struct curl_slist *lines) {
    CURL *easy = connection->easy;
    SET(easy, CURLOPT_URL, call->url);
    SET(easy, CURLOPT_HTTPHEADER, lines);
    bool has_body = call->body != NULL || strcmp(call->method, "POST") == 0;
    if (has_body) {
        SET(easy, CURLOPT_POST, 1L);
        SET(easy, CURLOPT_POSTFIELDS, call->body == NULL ? "" : call->body);
        SET(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)(call->body == NULL ? 0 : call->body_length));
    } else {
        SET(easy, CURLOPT_HTTPGET, 1L);
    }
    SET(easy, CURLOPT_CUSTOMREQUEST, call->method);
}

/*
 * How libcurl's failures read in our terms. What is not here is UNAVAILABLE without a name: CURLE_UNSUPPORTED_PROTOCOL
 * too, since a URL's scheme has been looked at before, and what is left is an answer that is no HTTP.
 */
static const struct {
    CURLcode result;
    enum irsa_code code;
    const char *upstream;
} failures[] = {
    {CURLE_PEER_FAILED_VERIFICATION, IRSA_CODE_UNAVAILABLE, IRSA_HTTP_TLS},
    {CURLE_COULDNT_RESOLVE_HOST, IRSA_CODE_UNAVAILABLE, IRSA_HTTP_CONNECT},
    {CURLE_COULDNT_RESOLVE_PROXY, IRSA_CODE_UNAVAILABLE, IRSA_HTTP_CONNECT},
    {CURLE_COULDNT_CONNECT, IRSA_CODE_UNAVAILABLE, IRSA_HTTP_CONNECT},
    {CURLE_OPERATION_TIMEDOUT, IRSA_CODE_UNAVAILABLE, IRSA_HTTP_CONNECT}, /* only connecting has libcurl's timer */
    {CURLE_URL_MALFORMAT, IRSA_CODE_INVALID, ""},
    {CURLE_OUT_OF_MEMORY, IRSA_CODE_UNAVAILABLE, ""},
};

static bool explain(const struct irsa_connection *connection, CURLcode result, struct irsa_error *err) {
    const char *text = connection->error_text[0] == '\0' ? curl_easy_strerror(result) : connection->error_text;
    const struct irsa_text *body = &connection->exchange->body;
    if (result == CURLE_WRITE_ERROR && body->is_over)
        return IRSA_FAIL(err, TOO_LARGE, "an answer of more than %zu bytes", body->max);
    for (size_t i = 0; i < sizeof failures / sizeof *failures; i++) {
        if (failures[i].result != result)
            continue;
        irsa_error_set(err, failures[i].code, "%s", text);
        return irsa_error_from(err, NULL, failures[i].upstream);
    }
    return IRSA_FAIL(err, UNAVAILABLE, "%s", text);
}

/* Drive the transfer until it ends, the deadline passes or somebody aborts it. */
static bool drive(struct irsa_connection *connection, const struct irsa_http_call *call, struct irsa_error *err) {
    struct curl_waitfd abort_fd = {.fd = call->cancel == NULL ? -1 : call->cancel->fd, .events = CURL_WAIT_POLLIN};
    const struct irsa_clock *clock = irsa_clock_system();
    for (;;) {
        int running = 0;
        CURLMcode code = curl_multi_perform(connection->multi, &running);
        if (code != CURLM_OK)
            return IRSA_FAIL(err, UNAVAILABLE, "%s", curl_multi_strerror(code));
        if (running == 0)
            break;
        if (abort_fd.revents != 0 || irsa_cancel_is_set(call->cancel))
            return IRSA_FAIL(err, UNAVAILABLE, "aborted");
        int64_t left_ms = call->deadline_ms - irsa_clock_monotonic_ms(clock);
        if (left_ms <= 0)
            return IRSA_FAIL(err, TIMEOUT, "no complete answer before the deadline");
        int wait_ms = left_ms > LONGEST_WAIT_MS ? LONGEST_WAIT_MS : (int)left_ms;
        curl_multi_poll(connection->multi, &abort_fd, call->cancel != NULL, wait_ms, NULL);
    }
    int left;
    CURLMsg *message = curl_multi_info_read(connection->multi, &left);
    assert(message != NULL && message->msg == CURLMSG_DONE);
    return message->data.result == CURLE_OK || explain(connection, message->data.result, err);
}

bool irsa_connection_exchange(struct irsa_connection *connection, const struct irsa_http_call *call,
                              const struct irsa_trust *trust, struct irsa_arena *arena,
                              struct irsa_http_reply *out_reply, long *out_connects, struct irsa_error *err) {
    struct irsa_exchange exchange = {.arena = arena,
                                     .headers = IRSA_NEW_ARRAY(arena, struct irsa_http_header, IRSA_HTTP_MAX_HEADERS)};
    long status = 0;
    irsa_text_init(&exchange.body, arena,
                   call->max_reply_bytes == 0 ? IRSA_HTTP_DEFAULT_REPLY_BYTES : call->max_reply_bytes);
    connection->exchange = &exchange;
    connection->trust = trust;
    connection->error_text[0] = '\0';
    set_call(connection, call, make_lines(arena, call));
    if (curl_multi_add_handle(connection->multi, connection->easy) != CURLM_OK)
        abort();
    bool is_done = drive(connection, call, err);
    curl_easy_getinfo(connection->easy, CURLINFO_NUM_CONNECTS, out_connects);
    curl_easy_getinfo(connection->easy, CURLINFO_RESPONSE_CODE, &status);
    curl_multi_remove_handle(connection->multi, connection->easy);
    connection->exchange = NULL;
    connection->trust = NULL;
    if (!is_done)
        return false;
    *out_reply = (struct irsa_http_reply){(int)status, exchange.body.at, exchange.body.length, exchange.headers,
                                          exchange.header_count};
    return true;
}
