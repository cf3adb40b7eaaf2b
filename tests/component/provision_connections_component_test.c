/*
 * The table of failures without an answer in docs/provisioning.md, over real sockets: a call of a real request is led to a
 * place where it fails, and what becomes of the request is held against what the page says. Then the same request, on a
 * line that is mended, must end as if there had been no failure.
 */
#include "core/base/arena.h"
#include "tests/support/error_page.h"
#include "tests/support/error_scene.h"
#include "tests/support/line.h"
#include "tests/support/test.h"

#define MAX_TESTS   64
#define PATIENCE_MS 200
#define OVER_BYTES  (IRSA_HTTP_DEFAULT_REPLY_BYTES + 65536)
#define HEAD        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"

static struct error_page page;
static struct irsa_arena *page_arena;

/* --- places --------------------------------------------------------------------------------------------------------------- */

static void close_unanswered(struct tiny_peer *peer) {
    (void)tiny_read(peer);
}

static void reset(struct tiny_peer *peer) {
    (void)tiny_read(peer);
    tiny_reset(peer);
}

static void cut_short(struct tiny_peer *peer) {
    if (tiny_read(peer))
        (void)tiny_send(peer, HEAD "Content-Length: 100\r\n\r\n{\"kind\":");
}

static void say_nothing(struct tiny_peer *peer) {
    if (tiny_read(peer))
        tiny_wait_for_close(peer);
}

static void speak_otherwise(struct tiny_peer *peer) {
    if (tiny_read(peer))
        (void)tiny_send(peer, "220 mail.example.com ESMTP\r\n");
}

static void never_end(struct tiny_peer *peer) {
    static const char SOME[] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    bool is_there = tiny_read(peer) && tiny_send(peer, HEAD "Connection: close\r\n\r\n");
    for (size_t sent = 0; is_there && sent < OVER_BYTES; sent += strlen(SOME))
        is_there = tiny_send(peer, SOME);
}

static const struct line_place PLACES[] = {
    {.name = "connection refused"},
    {.name = "certificate not accepted", .script = tiny_script_ok, .is_foreign = true},
    {.name = "connection reset", .script = reset},
    {.name = "closed without an answer", .script = close_unanswered},
    {.name = "answer cut short", .script = cut_short},
    {.name = "no answer in time", .script = say_nothing, .patience_ms = PATIENCE_MS},
    {.name = "answer that is no HTTP", .script = speak_otherwise},
    {.name = "answer over 4 MiB", .script = never_end},
};

static const struct line_place *find_place(const char *name) {
    for (size_t i = 0; i < COUNT_OF(PLACES); i++)
        if (strcmp(PLACES[i].name, name) == 0)
            return &PLACES[i];
    fail_msg("nobody knows how to make \"%s\"", name);
    return NULL;
}

/* --- calls ---------------------------------------------------------------------------------------------------------------- */

/* By which the line tells the calls of these scenes. */
static const struct {
    const char *scene;
    struct line_call call;
} CALLS[] = {
    {"DescribeCluster", {"GET", "/clusters/", NULL}},     {"GetRole", {"POST", NULL, "Action=GetRole&"}},
    {"CreateRole", {"POST", NULL, "Action=CreateRole&"}}, {"get", {"GET", "/serviceaccounts/", NULL}},
    {"apply", {"PATCH", "/serviceaccounts/", NULL}},      {"delete", {"DELETE", "/serviceaccounts/", NULL}},
};

static struct line_call find_call(const char *scene) {
    for (size_t i = 0; i < COUNT_OF(CALLS); i++)
        if (strcmp(CALLS[i].scene, scene) == 0)
            return CALLS[i].call;
    fail_msg("the line cannot tell \"%s\"", scene);
    return (struct line_call){NULL, NULL, NULL};
}

/* --- one failure ---------------------------------------------------------------------------------------------------------- */

static const char *attempt(struct line *line, const struct error_scene *scene, struct irsa_error *err) {
    struct irsa_result result;
    bool is_done = stage_attempt(&line->stage, scene->request, ERROR_SCENE_OFFSET, &result, err);
    return is_done ? ERROR_DONE : irsa_code_name(err->code);
}

static struct line *open_scene(const struct error_scene *scene) {
    struct line *line = malloc(sizeof *line);
    line_open(line);
    scene->arrange(&line->stage);
    stage_restart(&line->stage);
    return line;
}

static void close_scene(struct line *line) {
    line_close(line);
    free(line);
}

static long meet(const struct error_row *row, const struct error_scene *scene, const char *failure, long times) {
    struct irsa_error err = {0};
    struct line *line = open_scene(scene);
    const char *wanted = times == 0 ? row->always : row->once;
    line_lead(line, find_place(failure), find_call(scene->call), times);
    const char *name = attempt(line, scene, &err);
    long asked = line_mend(line);
    if (strcmp(name, wanted) != 0)
        fail_msg("it ends with %s, and the page says %s: %s", name, wanted, err.message);
    line->stage.now_ms += 1000;
    name = attempt(line, scene, &err);
    if (strcmp(name, ERROR_DONE) != 0)
        fail_msg("afterwards it ends with %s: %s", name, err.message);
    close_scene(line);
    return asked;
}

static void the_row_is_as_the_page_says(void **state) {
    const struct error_row *row = *state;
    static const char *const FATES[] = {
        [IRSA_FATE_RETRY] = "retry", [IRSA_FATE_REJECT] = "reject", [IRSA_FATE_HALT] = "halt"};
    assert_string_equal(row->fate, FATES[irsa_code_fate(irsa_code_find(row->always))]);
    for (size_t c = 0; c < row->calls.count; c++)
        for (size_t e = 0; e < row->errors.count; e++) {
            const struct error_scene *scene = error_scene_find(row->calls.at[c]);
            print_message("  %s: %s\n", row->calls.at[c], row->errors.at[e]);
            if (scene == NULL) {
                fail_msg(ERROR_PAGE ":%u: no such call: %s", row->line, row->calls.at[c]);
                return;
            }
            long asked = meet(row, scene, row->errors.at[e], 0);
            if (asked != row->asked)
                fail_msg("it was called %ld times, and the page says %ld", asked, row->asked);
            (void)meet(row, scene, row->errors.at[e], 1);
        }
}

static bool is_told(const char *call, const char *failure) {
    for (size_t i = 0; i < page.connection_count; i++)
        if (error_words_have(&page.connections[i].calls, call) &&
            error_words_have(&page.connections[i].errors, failure))
            return true;
    return false;
}

static void every_failure_is_told_for_every_call(void **state) {
    (void)state;
    for (size_t c = 0; c < COUNT_OF(CALLS); c++)
        for (size_t p = 0; p < COUNT_OF(PLACES); p++)
            if (!is_told(CALLS[c].scene, PLACES[p].name))
                fail_msg("%s: no row of \"%s\"", CALLS[c].scene, PLACES[p].name);
}

int main(void) {
    struct CMUnitTest tests[MAX_TESTS] = {cmocka_unit_test(every_failure_is_told_for_every_call)};
    size_t count = 1;
    page_arena = irsa_arena_new();
    page = error_page_read(page_arena);
    for (size_t i = 0; i < page.connection_count && count < MAX_TESTS; i++) {
        const struct error_row *row = &page.connections[i];
        const char *name = irsa_arena_format(page_arena, "line %u: %s%s: %s, then %s", row->line, row->errors.at[0],
                                             row->errors.count > 1 ? ", …" : "", row->once, row->always);
        tests[count++] = (struct CMUnitTest){name, the_row_is_as_the_page_says, NULL, NULL, &page.connections[i]};
    }
    int status = test_run("a failure without an answer loses nothing", tests, count);
    irsa_arena_free(page_arena);
    return status;
}
