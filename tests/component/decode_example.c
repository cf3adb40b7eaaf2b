/*
 * irsa-decode-example [request | control]: judge the value of a record of that topic as a worker would.
 *
 * Reads the value from standard input and prints one line: "ok", or "<code> <JSON pointer> <message>". Exit status 0 either
 * way. For tests that hold our decoder against other judges.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <irsa/request.h>

#include "core/base/arena.h"
#include "core/base/text.h"
#include "core/contract/control.h"

#define ROOM ((size_t)32 * 1024 * 1024)

static void print_verdict(struct irsa_arena *arena, bool is_fine, const struct irsa_error *err) {
    if (is_fine)
        puts("ok");
    else
        printf("%s %s %s\n", irsa_code_name(err->code), irsa_text_printable(arena, err->at, sizeof err->at),
               irsa_text_printable(arena, err->message, sizeof err->message));
}

static bool judge(struct irsa_arena *arena, const char *kind, const struct irsa_record *record,
                  struct irsa_error *err) {
    struct irsa_request request;
    struct irsa_control control;
    if (strcmp(kind, "control") == 0)
        return irsa_control_decode(arena, record, &control, err);
    return irsa_request_decode(arena, record, &request, err);
}

int main(int argc, char **argv) {
    struct irsa_arena *arena = irsa_arena_new();
    char *value = malloc(ROOM);
    if (value == NULL)
        return EXIT_FAILURE;
    size_t length = fread(value, 1, ROOM, stdin);
    struct irsa_record record = {.topic = "irsa.requests", .value = value, .value_length = length};
    struct irsa_error err = {0};
    bool is_fine = judge(arena, argc > 1 ? argv[1] : "request", &record, &err);
    print_verdict(arena, is_fine, &err);
    irsa_arena_free(arena);
    free(value);
    return EXIT_SUCCESS;
}
