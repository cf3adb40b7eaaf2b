/*
 * Questions about a request.
 */
#include <string.h>

#include "core/base/text.h"
#include "core/base/url.h"
#include "core/httpd/httpd.h"

const char *irsa_httpd_header(const struct irsa_httpd_request *request, const char *name) {
    for (size_t i = 0; i < request->header_count; i++)
        if (strcmp(request->headers[i].name, name) == 0)
            return request->headers[i].value;
    return NULL;
}

/* One "name=value" of a form, which ends at '&' or at the end. */
static bool has_name(struct irsa_arena *arena, const char *pair, size_t length, const char *name) {
    const char *decoded;
    return irsa_url_decode(arena, pair, length, true, &decoded) && strcmp(decoded, name) == 0;
}

const char *irsa_httpd_parameter(const struct irsa_httpd_request *request, const char *encoded, const char *name) {
    while (*encoded != '\0') {
        size_t length = strcspn(encoded, "&");
        size_t name_length = strcspn(encoded, "=&");
        const char *value;
        if (has_name(request->arena, encoded, name_length, name)) {
            const char *start = encoded + name_length + (encoded[name_length] == '=' ? 1 : 0);
            size_t value_length = (size_t)(encoded + length - start);
            return irsa_url_decode(request->arena, start, value_length, true, &value) ? value : NULL;
        }
        encoded += length + (encoded[length] == '&' ? 1 : 0);
    }
    return NULL;
}
