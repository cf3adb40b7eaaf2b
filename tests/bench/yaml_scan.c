/*
 * irsa-bench-yaml: what reading files costs at least. Runs libyaml's bare parser over each file, looking at no event.
 *
 *     irsa-bench-yaml FILE…
 *
 * One JSON line: the files, their events, and the wall time.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <yaml.h>

static void die(const char *path, const char *what) {
    fprintf(stderr, "irsa-bench-yaml: %s: %s\n", path, what);
    exit(1);
}

static unsigned long count_events(const char *path) {
    yaml_parser_t parser;
    FILE *file = fopen(path, "rb");
    if (file == NULL || !yaml_parser_initialize(&parser))
        die(path, "cannot be opened");
    yaml_parser_set_input_file(&parser, file);
    unsigned long count = 0;
    for (bool is_over = false; !is_over; count++) {
        yaml_event_t event;
        if (!yaml_parser_parse(&parser, &event))
            die(path, "is no YAML");
        is_over = event.type == YAML_STREAM_END_EVENT;
        yaml_event_delete(&event);
    }
    yaml_parser_delete(&parser);
    fclose(file);
    return count;
}

int main(int argc, char **argv) {
    struct timespec from, to;
    unsigned long events = 0;
    clock_gettime(CLOCK_MONOTONIC, &from);
    for (int i = 1; i < argc; i++)
        events += count_events(argv[i]);
    clock_gettime(CLOCK_MONOTONIC, &to);
    printf("{\"files\": %d, \"events\": %lu, \"wall_s\": %.6f}\n", argc - 1, events,
           (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9);
    return 0;
}
