/*
 * Standard error and its terminal.
 */
#include "producer/terminal.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "core/base/text.h"

#define LINE_MAX_BYTES 4096

/* There is one standard error, and it has one last line. */
static bool is_status_shown;

static void say(const char *prefix, const char *format, va_list args) IRSA_PRINTF(2, 0);

static void say(const char *prefix, const char *format, va_list args) {
    char line[LINE_MAX_BYTES];
    char visible[2 * LINE_MAX_BYTES];
    struct irsa_text text;
    vsnprintf(line, sizeof line, format, args);
    irsa_text_init_fixed(&text, visible, sizeof visible);
    irsa_text_add(&text, prefix);
    irsa_text_add_printable(&text, line, LINE_MAX_BYTES);
    irsa_status_clear();
    fprintf(stderr, "%s\n", text.at);
}

void irsa_say(const char *format, ...) {
    va_list args;
    va_start(args, format);
    say("", format, args);
    va_end(args);
}

void irsa_complain(const char *format, ...) {
    va_list args;
    va_start(args, format);
    say("irsactl: ", format, args);
    va_end(args);
}

bool irsa_terminal_is(FILE *stream) {
    return isatty(fileno(stream)) == 1;
}

unsigned irsa_terminal_width(void) {
    struct winsize size;
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return 80;
    return size.ws_col;
}

void irsa_status_show(const char *line) {
    if (!irsa_terminal_is(stderr))
        return;
    fprintf(stderr, "\r\033[K%s", line);
    fflush(stderr);
    is_status_shown = true;
}

void irsa_status_clear(void) {
    if (!is_status_shown)
        return;
    fputs("\r\033[K", stderr);
    fflush(stderr);
    is_status_shown = false;
}

bool irsa_terminal_has_colours(FILE *stream) {
    const char *no_colour = getenv("NO_COLOR");
    const char *kind = getenv("TERM");
    return irsa_terminal_is(stream) && irsa_text_is_empty(no_colour) && kind != NULL && strcmp(kind, "dumb") != 0;
}

const char *irsa_colour_sequence(enum irsa_colour colour) {
    static const char *const sequences[] = {
        [IRSA_COLOUR_NONE] = "\033[0m",   [IRSA_COLOUR_GOOD] = "\033[32m",    [IRSA_COLOUR_QUIET] = "\033[36m",
        [IRSA_COLOUR_BAD] = "\033[1;31m", [IRSA_COLOUR_WAITING] = "\033[33m",
    };
    return sequences[colour];
}
