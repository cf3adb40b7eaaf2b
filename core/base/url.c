/*
 * URLs: splitting, percent-encoding and decoding, form bodies.
 */
#include "core/base/url.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <strings.h>

#include "core/base/arena.h"

#define URL_MAX_BYTES ((size_t)8 * 1024)
#define PORT_MAX      65535

struct scheme {
    const char *name;
    int port;
};

static const struct scheme schemes[] = {{"https", 443}, {"http", 80}};

/* RFC 3986, section 2.3. */
static bool is_unreserved(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
           c == '_' || c == '~';
}

/* Nothing but visible ASCII, so that no two readers see different URLs; '\' is taken for '/' by some of them. */
static bool has_plain_bytes(const char *text) {
    for (; *text != '\0'; text++)
        if (*text <= ' ' || *text >= 0x7F || strchr("\"<>\\^`{|}", *text) != NULL)
            return false;
    return true;
}

static const struct scheme *find_scheme(const char *text, size_t length) {
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++)
        if (strlen(schemes[i].name) == length && strncasecmp(schemes[i].name, text, length) == 0)
            return &schemes[i];
    return NULL;
}

static bool is_name(const char *host) {
    if (*host == '\0')
        return false;
    for (; *host != '\0'; host++)
        if (!is_unreserved(*host))
            return false;
    return true;
}

static bool is_ipv6(const char *host) {
    struct in6_addr address;
    return inet_pton(AF_INET6, host, &address) == 1;
}

static char *lower_copy(struct irsa_arena *arena, const char *text, size_t length) {
    char *copy = irsa_arena_copy_bytes(arena, text, length);
    for (char *at = copy; *at != '\0'; at++)
        if (*at >= 'A' && *at <= 'Z')
            *at = (char)(*at - 'A' + 'a');
    return copy;
}

/* ":8443" or ":" or nothing. */
static bool read_port(struct irsa_arena *arena, const char *text, size_t length, int *out_port) {
    int64_t port;
    *out_port = -1;
    if (length == 0)
        return true;
    if (*text != ':')
        return false;
    if (length == 1)
        return true;
    if (!irsa_text_to_integer(irsa_arena_copy_bytes(arena, text + 1, length - 1), 1, PORT_MAX, &port))
        return false;
    *out_port = (int)port;
    return true;
}

/* host[:port] or [v6][:port]. */
static bool read_authority(struct irsa_arena *arena, const char *text, size_t length, const struct scheme *scheme,
                           struct irsa_url *url) {
    bool is_bracketed = length > 0 && *text == '[';
    const char *end = memchr(text, is_bracketed ? ']' : ':', length);
    if (is_bracketed && end == NULL)
        return false;
    size_t host_length = (end == NULL ? length : (size_t)(end - text)) - is_bracketed;
    size_t taken = host_length + 2 * (size_t)is_bracketed;
    url->host = lower_copy(arena, text + is_bracketed, host_length);
    if (!(is_bracketed ? is_ipv6(url->host) : is_name(url->host)))
        return false;
    if (!read_port(arena, text + taken, length - taken, &url->port))
        return false;
    url->authority = is_bracketed ? irsa_arena_format(arena, "[%s]", url->host) : url->host;
    if (url->port != -1 && url->port != scheme->port)
        url->authority = irsa_arena_format(arena, "%s:%d", url->authority, url->port);
    return true;
}

bool irsa_url_parse(struct irsa_arena *arena, const char *text, struct irsa_url *out_url, struct irsa_error *err) {
    if (strlen(text) > URL_MAX_BYTES)
        return IRSA_FAIL(err, INVALID, "a URL of more than %zu bytes", URL_MAX_BYTES);
    if (!has_plain_bytes(text))
        return IRSA_FAIL(err, INVALID, "a URL holds a character that has to be percent-encoded");
    if (strchr(text, '#') != NULL)
        return IRSA_FAIL(err, INVALID, "a URL with a fragment ('#')");
    const char *colon = strstr(text, "://");
    const struct scheme *scheme = colon == NULL ? NULL : find_scheme(text, (size_t)(colon - text));
    if (scheme == NULL)
        return IRSA_FAIL(err, INVALID, "a URL has to start with https:// or http://");
    const char *authority = colon + 3;
    size_t authority_length = strcspn(authority, "/?");
    if (memchr(authority, '@', authority_length) != NULL)
        return IRSA_FAIL(err, INVALID, "a URL with user information ('@')");
    struct irsa_url url = {.scheme = scheme->name, .path = "/", .query = ""};
    if (!read_authority(arena, authority, authority_length, scheme, &url))
        return IRSA_FAIL(err, INVALID, "the host or the port of a URL cannot be read");
    const char *path = authority + authority_length;
    size_t path_length = strcspn(path, "?");
    if (path_length > 0)
        url.path = irsa_arena_copy_bytes(arena, path, path_length);
    if (path[path_length] == '?')
        url.query = irsa_arena_copy(arena, path + path_length + 1);
    *out_url = url;
    return true;
}

/* The text forms of inet_pton only: what it does not read would be looked up as a name. */
bool irsa_url_is_loopback(const struct irsa_url *url) {
    struct in_addr v4;
    struct in6_addr v6;
    if (inet_pton(AF_INET, url->host, &v4) == 1)
        return ntohl(v4.s_addr) >> 24 == IN_LOOPBACKNET;
    if (inet_pton(AF_INET6, url->host, &v6) == 1)
        return IN6_IS_ADDR_LOOPBACK(&v6);
    return irsa_text_equal(url->host, "localhost") || irsa_text_ends_with(url->host, ".localhost");
}

void irsa_url_encode(struct irsa_text *out, const char *bytes, size_t length, bool keep_slash) {
    static const char digits[] = "0123456789ABCDEF";
    size_t start = 0; /* of what is not written yet and needs no encoding */
    for (size_t i = 0; i < length; i++) {
        if (is_unreserved(bytes[i]) || (keep_slash && bytes[i] == '/'))
            continue;
        unsigned char byte = (unsigned char)bytes[i];
        irsa_text_add_bytes(out, bytes + start, i - start);
        irsa_text_add_bytes(out, (const char[]){'%', digits[byte >> 4], digits[byte & 15]}, 3);
        start = i + 1;
    }
    irsa_text_add_bytes(out, bytes + start, length - start);
}

bool irsa_url_decode(struct irsa_arena *arena, const char *text, size_t length, bool plus_is_space,
                     const char **out_text) {
    char *decoded = irsa_arena_alloc(arena, length + 1);
    size_t at = 0;
    for (size_t i = 0; i < length; i++) {
        char c = text[i];
        if (c == '+' && plus_is_space) {
            c = ' ';
        } else if (c == '%') {
            if (length - i < 3)
                return false;
            int high = irsa_hex_digit(text[i + 1]);
            int low = irsa_hex_digit(text[i + 2]);
            if (high < 0 || low < 0)
                return false;
            c = (char)(high << 4 | low);
            i += 2;
        }
        if (c == '\0')
            return false;
        decoded[at++] = c;
    }
    *out_text = decoded;
    return true;
}

void irsa_form_add(struct irsa_text *out, const char *name, const char *value) {
    if (out->length > 0)
        irsa_text_add_char(out, '&');
    irsa_url_encode(out, name, strlen(name), false);
    irsa_text_add_char(out, '=');
    irsa_url_encode(out, value, strlen(value), false);
}
