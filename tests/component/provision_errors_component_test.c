/*
 * Every error of docs/provisioning.md, met by every call that it is told of: the page is read, the sandbox answers the call
 * of a real request with the error, and what becomes of the request is held against what the page says. Whatever the
 * error, nothing may be lost: the same request, undisturbed, must then end as if there had never been an error.
 */
#include "core/base/arena.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "tests/support/error_page.h"
#include "tests/support/error_scene.h"
#include "tests/support/test.h"

#define MAX_TESTS     256
#define MAX_SCENES    64
#define RETRY_AFTER_S 7
#define FAULT_BYTES   4096

static struct error_page page;
static struct irsa_arena *page_arena;

/* --- one request ---------------------------------------------------------------------------------------------------------- */

struct ending {
    const char *name; /* ERROR_DONE or a code */
    const char *world;
    struct irsa_error err;
};

/* Which of the requests has written last is of no matter here. */
static const char *world_without_marks(struct stage *stage) {
    static const char MARK[] = "irsa.requests/0/";
    char *world = irsa_arena_copy(stage->arena, stage_world(stage));
    for (char *at = strstr(world, MARK); at != NULL; at = strstr(at, MARK))
        for (at += strlen(MARK); *at != '\0' && *at != '"'; at++)
            *at = '-';
    return world;
}

static struct ending attempt(struct stage *stage, const struct error_scene *scene) {
    struct irsa_result result;
    struct ending ending = {0};
    bool is_done = stage_attempt(stage, scene->request, ERROR_SCENE_OFFSET, &result, &ending.err);
    ending.name = is_done ? ERROR_DONE : irsa_code_name(ending.err.code);
    ending.world = world_without_marks(stage);
    return ending;
}

/* How the request ends when nothing disturbs it; found once for each scene. */
static const struct ending *undisturbed(const struct error_scene *scene) {
    static struct ending endings[MAX_SCENES];
    size_t at = (size_t)(scene - ERROR_SCENES);
    assert_true(at < COUNT_OF(endings));
    if (endings[at].name != NULL)
        return &endings[at];
    struct stage stage;
    error_scene_open(scene, &stage);
    struct ending ending = attempt(&stage, scene);
    ending.world = irsa_arena_copy(page_arena, ending.world);
    stage_close(&stage);
    endings[at] = ending;
    return &endings[at];
}

/* --- with an error -------------------------------------------------------------------------------------------------------- */

static void post_fault(struct stage *stage, const struct error_scene *scene, const struct error_told *told, long times,
                       const char *when) {
    struct irsa_text text;
    struct irsa_json_writer w;
    irsa_text_init(&text, stage->arena, FAULT_BYTES);
    irsa_json_begin(&w, &text);
    irsa_json_open_object(&w, NULL);
    irsa_json_add_text(&w, "service", scene->service);
    irsa_json_add_text(&w, "action", scene->action);
    irsa_json_add_text(&w, "kind", told->code == NULL ? "page" : "status");
    irsa_json_add_integer(&w, "status", told->status);
    irsa_json_add_text(&w, "code", told->code);
    irsa_json_add_text(&w, "message", told->message);
    irsa_json_add_text(&w, "cause", told->cause);
    irsa_json_add_integer(&w, "times", times);
    irsa_json_add_text(&w, "when", when);
    if (told->status == 429)
        irsa_json_add_integer(&w, "retryAfter", RETRY_AFTER_S);
    irsa_json_close_object(&w);
    stage_control(stage, "POST", "/faults", text.at);
}

/* How often the scene's call was made since stage_forget_calls(). */
static long count_calls(struct stage *stage, const struct error_scene *scene) {
    const char *name = irsa_arena_format(stage->arena, ", %s.%s ", scene->service, scene->action);
    const char *calls = irsa_arena_format(stage->arena, ", %s", stage_calls(stage));
    const char *at = strstr(calls, name);
    return at == NULL ? 0 : strtol(at + strlen(name), NULL, 10);
}

static void check_ending(const struct ending *ending, const char *wanted, const struct error_told *told) {
    if (strcmp(ending->name, wanted) != 0)
        fail_msg("it ends with %s, and the page says %s: %s", ending->name, wanted, ending->err.message);
    if (ending->err.code == IRSA_CODE_THROTTLED && told->status == 429)
        assert_int_equal(ending->err.retry_after_ms, RETRY_AFTER_S * 1000);
}

/* After the error the same request ends as if nothing had been. */
static void check_nothing_is_lost(struct stage *stage, const struct error_scene *scene) {
    const struct ending *wanted = undisturbed(scene);
    stage_control(stage, "DELETE", "/faults", NULL);
    stage->now_ms += 1000;
    const struct ending ending = attempt(stage, scene);
    if (strcmp(ending.name, wanted->name) != 0)
        fail_msg("afterwards it ends with %s, and not with %s: %s", ending.name, wanted->name, ending.err.message);
    assert_string_equal(ending.world, wanted->world);
}

/* The call meets the error once, or always (times 0). Returns how often it was made. */
static long meet(const struct error_row *row, const struct error_scene *scene, const struct error_told *told,
                 long times) {
    struct stage stage;
    const char *wanted = times == 0 ? row->always : row->once;
    /* an error that says that there is nothing left to do is met when that is true */
    bool is_true = strcmp(row->always, ERROR_DONE) == 0;
    error_scene_open(scene, &stage);
    post_fault(&stage, scene, told, times, is_true ? "after" : "before");
    stage_forget_calls(&stage);
    const struct ending ending = attempt(&stage, scene);
    long asked = count_calls(&stage, scene);
    check_ending(&ending, wanted, told);
    if (strcmp(wanted, ERROR_DONE) == 0)
        assert_string_equal(ending.world, undisturbed(scene)->world);
    check_nothing_is_lost(&stage, scene);
    stage_close(&stage);
    return asked;
}

static void check_error(const struct error_row *row, const struct error_scene *scene, const char *error) {
    struct error_told told;
    print_message("  %s: %s\n", scene->call, error);
    if (!error_tell(page_arena, error, &told))
        fail_msg(ERROR_PAGE ":%u: no error: %s", row->line, error);
    long asked = meet(row, scene, &told, 0);
    if (asked != row->asked)
        fail_msg("%s was called %ld times, and the page says %ld", scene->call, asked, row->asked);
    /* what ends the attempt at the first call ends it whether or not there would be more */
    if (row->asked > 1 || strcmp(row->once, row->always) != 0)
        (void)meet(row, scene, &told, 1);
}

/* --- which calls a row is about ------------------------------------------------------------------------------------------- */

/* Another row speaks of this very error at this very call. */
static bool has_row_of_its_own(const struct error_scene *scene, const char *error) {
    for (size_t i = 0; i < page.answer_count; i++)
        if (error_words_have(&page.answers[i].calls, scene->call) && error_words_have(&page.answers[i].errors, error))
            return true;
    return false;
}

static bool is_about(const char *call, const struct error_scene *scene, const char *error) {
    const char *any = error_scene_any(call);
    if (any == NULL)
        return strcmp(call, scene->call) == 0;
    return scene->is_usual && strcmp(any, scene->service) == 0 && !has_row_of_its_own(scene, error);
}

static void the_row_is_as_the_page_says(void **state) {
    const struct error_row *row = *state;
    bool is_done = strcmp(row->always, ERROR_DONE) == 0;
    static const char *const FATES[] = {
        [IRSA_FATE_RETRY] = "retry", [IRSA_FATE_REJECT] = "reject", [IRSA_FATE_HALT] = "halt"};
    assert_string_equal(row->fate, is_done ? "" : FATES[irsa_code_fate(irsa_code_find(row->always))]);
    for (size_t c = 0; c < row->calls.count; c++) {
        size_t scenes = 0;
        for (size_t s = 0; s < ERROR_SCENE_COUNT; s++)
            for (size_t e = 0; e < row->errors.count; e++)
                if (is_about(row->calls.at[c], &ERROR_SCENES[s], row->errors.at[e])) {
                    check_error(row, &ERROR_SCENES[s], row->errors.at[e]);
                    scenes++;
                }
        if (scenes == 0)
            fail_msg(ERROR_PAGE ":%u: no such call: %s", row->line, row->calls.at[c]);
    }
}

/* --- is everything told? -------------------------------------------------------------------------------------------------- */

static bool tells_of(const struct error_row *row, const struct error_scene *scene, const char *code) {
    bool has_call = false, has_code = false;
    for (size_t i = 0; i < row->calls.count; i++) {
        const char *any = error_scene_any(row->calls.at[i]);
        has_call = has_call || strcmp(row->calls.at[i], scene->call) == 0 ||
                   (any != NULL && scene->is_usual && strcmp(any, scene->service) == 0);
    }
    for (size_t i = 0; i < row->errors.count; i++) {
        struct error_told told;
        has_code = has_code || (error_tell(page_arena, row->errors.at[i], &told) && told.code != NULL &&
                                strcmp(told.code, code) == 0);
    }
    return has_call && has_code;
}

/* k8s.io/apimachinery/pkg/apis/meta/v1/types.go, StatusReason; for those of AWS see test_error_page.py. */
static void every_reason_of_kubernetes_is_told_for_every_call(void **state) {
    (void)state;
    static const char *const REASONS[] = {"Unauthorized",
                                          "Forbidden",
                                          "NotFound",
                                          "AlreadyExists",
                                          "Conflict",
                                          "Gone",
                                          "Invalid",
                                          "ServerTimeout",
                                          "StoreReadError",
                                          "Timeout",
                                          "TooManyRequests",
                                          "BadRequest",
                                          "Expired",
                                          "MethodNotAllowed",
                                          "NotAcceptable",
                                          "ServiceUnavailable",
                                          "UnsupportedMediaType",
                                          "InternalError",
                                          "RequestEntityTooLarge"};
    for (size_t s = 0; s < ERROR_SCENE_COUNT; s++)
        for (size_t r = 0; r < COUNT_OF(REASONS); r++) {
            bool is_told = strcmp(ERROR_SCENES[s].service, "kubernetes") != 0;
            for (size_t i = 0; i < page.answer_count; i++)
                is_told = is_told || tells_of(&page.answers[i], &ERROR_SCENES[s], REASONS[r]);
            if (!is_told)
                fail_msg("%s: no row of %s", ERROR_SCENES[s].call, REASONS[r]);
        }
}

static const char *title(const struct error_row *row) {
    return irsa_arena_format(page_arena, "line %u: %s%s: %s%s: %s, then %s", row->line, row->calls.at[0],
                             row->calls.count > 1 ? ", …" : "", row->errors.at[0], row->errors.count > 1 ? ", …" : "",
                             row->once, row->always);
}

int main(void) {
    struct CMUnitTest tests[MAX_TESTS] = {cmocka_unit_test(every_reason_of_kubernetes_is_told_for_every_call)};
    size_t count = 1;
    page_arena = irsa_arena_new();
    page = error_page_read(page_arena);
    for (size_t i = 0; i < page.answer_count && count < MAX_TESTS; i++)
        tests[count++] =
            (struct CMUnitTest){title(&page.answers[i]), the_row_is_as_the_page_says, NULL, NULL, &page.answers[i]};
    int status = test_run("every error has one meaning", tests, count);
    irsa_arena_free(page_arena);
    return status;
}
