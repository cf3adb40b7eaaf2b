/*
 * What a person reads beside the data: lines on standard error, a status line on a terminal, colours.
 *
 * The status line is the last one of the terminal and is taken away before anything else is written. One thread.
 */
#ifndef IRSA_PRODUCER_TERMINAL_H
#define IRSA_PRODUCER_TERMINAL_H

#include <stdio.h>

#include "core/base/error.h"

/* One line on standard error. Control characters in it are made visible. */
void irsa_say(const char *format, ...) IRSA_PRINTF(1, 2);

/* The same behind "irsactl: ", for what went wrong. */
void irsa_complain(const char *format, ...) IRSA_PRINTF(1, 2);

/* Show, replace or take away the status line. Nothing happens when standard error is no terminal. */
void irsa_status_show(const char *line);
void irsa_status_clear(void);

bool irsa_terminal_is(FILE *stream);

/* Columns of the terminal behind standard error; 80 when it does not say. */
unsigned irsa_terminal_width(void);

/* Only on a terminal that is not dumb, and never when NO_COLOR is set (https://no-color.org). */
bool irsa_terminal_has_colours(FILE *stream);

enum irsa_colour { IRSA_COLOUR_NONE, IRSA_COLOUR_GOOD, IRSA_COLOUR_QUIET, IRSA_COLOUR_BAD, IRSA_COLOUR_WAITING };

/* The sequence that starts a colour; NONE ends it. Static text. */
const char *irsa_colour_sequence(enum irsa_colour colour);

#endif
