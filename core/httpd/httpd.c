/*
 * The fence round libmicrohttpd: an exchange gathers one request, hands it over, and sends what came back.
 */
#include "core/httpd/httpd.h"

#include <arpa/inet.h>
#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "core/base/text.h"
#include "core/base/url.h"
#include "core/httpd/delays.h"

#define DEFAULT_MAX_BODY_BYTES ((size_t)4 * 1024 * 1024)
#define IDLE_TIMEOUT_S         120
#define MAX_CONNECTIONS        4096
#define BACKLOG                511
#define STACK_BYTES            ((size_t)256 * 1024)
#define TRUNCATED_BLOCK_BYTES  65536

struct irsa_httpd {
    struct MHD_Daemon *daemon;
    struct irsa_delays *delays;
    irsa_httpd_handler_fn *handle;
    void *self;
    size_t max_body_bytes;
};

/*
 * One request and its answer, made when its first line has been read, freed when libmicrohttpd is done with it. It
 * belongs to the connection's thread; while the connection is suspended, to the thread of the delays.
 */
struct exchange {
    enum { READING_HEAD, READING_BODY, WAITING_FOR_AGAIN, ANSWERING } stage;
    struct irsa_httpd *httpd;
    struct MHD_Connection *connection;
    struct irsa_arena *arena;
    struct irsa_text body;
    struct irsa_httpd_request request;
    struct irsa_httpd_reply reply;
};

static void *begin_exchange(void *self, const char *uri, struct MHD_Connection *connection) {
    struct irsa_arena *arena = irsa_arena_new();
    struct exchange *exchange = IRSA_NEW(arena, struct exchange);
    exchange->httpd = self;
    exchange->connection = connection;
    exchange->arena = arena;
    exchange->request.target = irsa_arena_copy(arena, uri);
    exchange->request.arena = arena;
    return exchange;
}

static void end_exchange(void *self, struct MHD_Connection *connection, void **context,
                         enum MHD_RequestTerminationCode why) {
    (void)self, (void)connection, (void)why;
    struct exchange *exchange = *context;
    if (exchange != NULL)
        irsa_arena_free(exchange->arena);
    *context = NULL;
}

static const char *lower_case(struct irsa_arena *arena, const char *name) {
    char *copy = irsa_arena_copy(arena, name);
    for (char *c = copy; *c != '\0'; c++)
        if (*c >= 'A' && *c <= 'Z')
            *c = (char)(*c - 'A' + 'a');
    return copy;
}

static enum MHD_Result add_header(void *self, enum MHD_ValueKind kind, const char *name, const char *value) {
    (void)kind;
    struct irsa_httpd_request *request = self;
    if (request->header_count == IRSA_HTTPD_MAX_HEADERS)
        return MHD_NO;
    struct irsa_httpd_field *fields = (struct irsa_httpd_field *)(uintptr_t)request->headers;
    fields[request->header_count++] = (struct irsa_httpd_field){
        .name = lower_case(request->arena, name),
        .value = value == NULL ? "" : irsa_arena_copy(request->arena, value),
    };
    return MHD_YES;
}

static void read_head(struct exchange *exchange, const char *method) {
    struct irsa_httpd_request *request = &exchange->request;
    request->method = irsa_arena_copy(exchange->arena, method);
    const char *mark = strchr(request->target, '?');
    size_t path_length = mark == NULL ? strlen(request->target) : (size_t)(mark - request->target);
    request->path = irsa_arena_copy_bytes(exchange->arena, request->target, path_length);
    request->query = mark == NULL ? "" : mark + 1;
    request->headers = IRSA_NEW_ARRAY(exchange->arena, struct irsa_httpd_field, IRSA_HTTPD_MAX_HEADERS);
    MHD_get_connection_values(exchange->connection, MHD_HEADER_KIND, add_header, request);
    irsa_text_init(&exchange->body, exchange->arena, exchange->httpd->max_body_bytes);
}

/* libmicrohttpd has no call to drop a connection with a reset; dissolving the socket's association sends one. */
static void reset(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    struct sockaddr nowhere = {.sa_family = AF_UNSPEC};
    if (info != NULL)
        (void)connect(info->connect_fd, &nowhere, sizeof(nowhere));
}

static ssize_t read_first_half(void *self, uint64_t position, char *out_bytes, size_t max) {
    const struct irsa_httpd_reply *reply = self;
    size_t half = reply->body_length / 2;
    if (position >= half)
        return MHD_CONTENT_READER_END_WITH_ERROR;
    size_t count = half - position < max ? half - position : max;
    memcpy(out_bytes, reply->body + position, count);
    return (ssize_t)count;
}

static struct MHD_Response *make_response(struct irsa_httpd_reply *reply) {
    struct MHD_Response *response;
    if (reply->fault == IRSA_HTTPD_TRUNCATE)
        response = MHD_create_response_from_callback(reply->body_length == 0 ? 1 : reply->body_length,
                                                     TRUNCATED_BLOCK_BYTES, read_first_half, reply, NULL);
    else
        response =
            MHD_create_response_from_buffer(reply->body_length, (void *)(uintptr_t)reply->body, MHD_RESPMEM_PERSISTENT);
    if (response == NULL)
        return NULL;
    if (reply->content_type != NULL)
        MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, reply->content_type);
    for (size_t i = 0; i < reply->header_count; i++)
        MHD_add_response_header(response, reply->headers[i].name, reply->headers[i].value);
    return response;
}

static enum MHD_Result send_reply(struct exchange *exchange) {
    struct irsa_httpd_reply *reply = &exchange->reply;
    if (reply->fault == IRSA_HTTPD_RESET)
        reset(exchange->connection);
    if (reply->fault == IRSA_HTTPD_RESET || reply->fault == IRSA_HTTPD_DROP)
        return MHD_NO;
    struct MHD_Response *response = make_response(reply);
    if (response == NULL)
        return MHD_NO;
    unsigned status = reply->status == 0 ? MHD_HTTP_INTERNAL_SERVER_ERROR : (unsigned)reply->status;
    enum MHD_Result result = MHD_queue_response(exchange->connection, status, response);
    MHD_destroy_response(response);
    return result;
}

/* Let the connection sleep; libmicrohttpd calls for it again once it is resumed, which is now when we are closing. */
static enum MHD_Result sleep_for(struct exchange *exchange, int64_t delay_ms) {
    MHD_suspend_connection(exchange->connection);
    if (!irsa_delays_add(exchange->httpd->delays, delay_ms, exchange->connection))
        MHD_resume_connection(exchange->connection);
    return MHD_YES;
}

static void resume(void *connection) {
    MHD_resume_connection(connection);
}

static enum MHD_Result handle(struct exchange *exchange) {
    struct irsa_httpd *httpd = exchange->httpd;
    exchange->request.is_again = exchange->stage == WAITING_FOR_AGAIN;
    exchange->reply = (struct irsa_httpd_reply){0};
    httpd->handle(httpd->self, &exchange->request, &exchange->reply);
    if (exchange->reply.again_ms > 0 && exchange->stage != WAITING_FOR_AGAIN) {
        exchange->stage = WAITING_FOR_AGAIN;
        return sleep_for(exchange, exchange->reply.again_ms);
    }
    exchange->stage = ANSWERING;
    if (exchange->reply.delay_ms > 0)
        return sleep_for(exchange, exchange->reply.delay_ms);
    return send_reply(exchange);
}

static enum MHD_Result refuse_size(struct exchange *exchange) {
    exchange->stage = ANSWERING;
    exchange->reply = (struct irsa_httpd_reply){.status = MHD_HTTP_CONTENT_TOO_LARGE};
    return send_reply(exchange);
}

static bool announces_too_much(const struct exchange *exchange) {
    const char *length = irsa_httpd_header(&exchange->request, "content-length");
    int64_t bytes;
    return length != NULL && !irsa_text_to_integer(length, 0, (int64_t)exchange->httpd->max_body_bytes, &bytes);
}

static enum MHD_Result take_head(struct exchange *exchange, const char *method) {
    exchange->stage = READING_BODY;
    read_head(exchange, method);
    return announces_too_much(exchange) ? refuse_size(exchange) : MHD_YES;
}

/* A body without an announced length is read to its end even when it is too long, so that the answer gets through. */
static enum MHD_Result take_body(struct exchange *exchange, const char *bytes, size_t *length) {
    irsa_text_add_bytes(&exchange->body, bytes, *length);
    *length = 0;
    return MHD_YES;
}

static enum MHD_Result finish_body(struct exchange *exchange) {
    if (exchange->body.is_over)
        return refuse_size(exchange);
    exchange->request.body = exchange->body.length == 0 ? "" : exchange->body.at;
    exchange->request.body_length = exchange->body.length;
    return handle(exchange);
}

static enum MHD_Result serve(void *self, struct MHD_Connection *connection, const char *url, const char *method,
                             const char *version, const char *bytes, size_t *length, void **context) {
    (void)self, (void)connection, (void)url, (void)version;
    struct exchange *exchange = *context;
    switch (exchange->stage) {
    case READING_HEAD:
        return take_head(exchange, method);
    case READING_BODY:
        return *length > 0 ? take_body(exchange, bytes, length) : finish_body(exchange);
    case WAITING_FOR_AGAIN:
        return handle(exchange);
    case ANSWERING:
        return send_reply(exchange);
    }
    return MHD_NO;
}

static bool fill_address(const struct irsa_httpd_options *options, struct sockaddr_in *out_address,
                         struct irsa_error *err) {
    const char *text = options->address == NULL ? "127.0.0.1" : options->address;
    *out_address = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(options->port)};
    if (inet_pton(AF_INET, text, &out_address->sin_addr) != 1)
        return IRSA_FAIL(err, CONFIG, "%s is no IPv4 address to listen on", text);
    return true;
}

static struct MHD_Daemon *start(struct irsa_httpd *httpd, const struct irsa_httpd_options *options,
                                const struct sockaddr_in *address) {
    struct MHD_OptionItem more[4] = {{MHD_OPTION_END, 0, NULL}};
    size_t count = 0;
    unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME;
    if (options->certificate_pem != NULL) {
        flags |= MHD_USE_TLS;
        more[count++] =
            (struct MHD_OptionItem){MHD_OPTION_HTTPS_MEM_CERT, 0, (void *)(uintptr_t)options->certificate_pem};
        more[count++] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)(uintptr_t)options->key_pem};
    }
    if (options->threads > 1)
        more[count++] = (struct MHD_OptionItem){MHD_OPTION_THREAD_POOL_SIZE, options->threads, NULL};
    more[count] = (struct MHD_OptionItem){MHD_OPTION_END, 0, NULL};
    return MHD_start_daemon(flags, options->port, NULL, NULL, serve, httpd, MHD_OPTION_SOCK_ADDR, address,
                            MHD_OPTION_URI_LOG_CALLBACK, begin_exchange, httpd, MHD_OPTION_NOTIFY_COMPLETED,
                            end_exchange, httpd, MHD_OPTION_CONNECTION_LIMIT, (unsigned)MAX_CONNECTIONS,
                            MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_TIMEOUT_S, MHD_OPTION_LISTEN_BACKLOG_SIZE,
                            (unsigned)BACKLOG, MHD_OPTION_THREAD_STACK_SIZE, STACK_BYTES, MHD_OPTION_ARRAY, more,
                            MHD_OPTION_END);
}

struct irsa_httpd *irsa_httpd_open(const struct irsa_httpd_options *options, struct irsa_error *err) {
    struct sockaddr_in address;
    if (!fill_address(options, &address, err))
        return NULL;
    struct irsa_httpd *httpd = irsa_new(sizeof(*httpd));
    httpd->handle = options->handle;
    httpd->self = options->self;
    httpd->max_body_bytes = options->max_body_bytes == 0 ? DEFAULT_MAX_BODY_BYTES : options->max_body_bytes;
    httpd->delays = irsa_delays_new(resume);
    httpd->daemon = start(httpd, options, &address);
    if (httpd->daemon == NULL) {
        (void)IRSA_FAIL(err, CONFIG,
                        "cannot listen on %s:%u: the port is taken, or the address or certificate is not ours",
                        options->address == NULL ? "127.0.0.1" : options->address, options->port);
        irsa_delays_free(httpd->delays);
        free(httpd);
        return NULL;
    }
    return httpd;
}

uint16_t irsa_httpd_port(const struct irsa_httpd *httpd) {
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(httpd->daemon, MHD_DAEMON_INFO_BIND_PORT);
    return info == NULL ? 0 : info->port;
}

void irsa_httpd_close(struct irsa_httpd *httpd) {
    if (httpd == NULL)
        return;
    irsa_delays_close(httpd->delays); /* libmicrohttpd does not stop while a connection sleeps */
    MHD_stop_daemon(httpd->daemon);
    irsa_delays_free(httpd->delays);
    free(httpd);
}
