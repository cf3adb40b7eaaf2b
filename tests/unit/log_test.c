#include "core/base/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/base/arena.h"
#include "core/base/clock.h"
#include "core/base/json.h"
#include "tests/support/test.h"

static struct irsa_arena *arena;
static int saved_stderr = -1;
static FILE *captured;

static int make_arena(void **state) {
    (void)state;
    arena = irsa_arena_new();
    return 0;
}

static int free_arena(void **state) {
    (void)state;
    irsa_arena_free(arena);
    return 0;
}

static void capture(void) {
    captured = tmpfile();
    saved_stderr = dup(STDERR_FILENO);
    dup2(fileno(captured), STDERR_FILENO);
}

/* What was logged since capture(). */
static const char *release(void) {
    dup2(saved_stderr, STDERR_FILENO);
    close(saved_stderr);
    long length = ftell(captured);
    fseek(captured, 0, SEEK_END);
    length = ftell(captured);
    char *text = irsa_arena_alloc(arena, (size_t)length + 1);
    rewind(captured);
    assert_int_equal(fread(text, 1, (size_t)length, captured), length);
    fclose(captured);
    return text;
}

static const struct irsa_json *parse(const char *text) {
    struct irsa_error err;
    const struct irsa_json *value;
    assert_ok(irsa_json_parse(arena, text, strlen(text), (struct irsa_json_limits){1 << 20, 32}, &value, &err), err);
    return value;
}

static void a_line_for_programs_is_json_with_fixed_keys(void **state) {
    (void)state;
    irsa_log_setup(IRSA_LOG_INFO, IRSA_LOG_JSON);
    capture();
    IRSA_LOG(WARN, "request.settled", IRSA_TEXT("outcome", "say \"yes\""), IRSA_NUMBER("duration_ms", -42));
    const char *line = release();
    assert_int_equal(line[strlen(line) - 1], '\n');
    const struct irsa_json *record = parse(line);
    assert_string_equal(record->first->key, "time");
    int64_t time_ms;
    struct irsa_error err;
    assert_ok(irsa_timestamp_parse(irsa_json_get_text(record, "time"), &time_ms, &err), err);
    assert_string_equal(irsa_json_get_text(record, "level"), "warn");
    assert_string_equal(irsa_json_get_text(record, "event"), "request.settled");
    assert_string_equal(irsa_json_get_text(record, "outcome"), "say \"yes\"");
    assert_string_equal(irsa_json_get(record, "duration_ms")->text, "-42");
    assert_int_equal(record->count, 5);
}

static void a_line_for_people_is_logfmt(void **state) {
    (void)state;
    irsa_log_setup(IRSA_LOG_INFO, IRSA_LOG_LOGFMT);
    capture();
    IRSA_LOG(INFO, "role.created", IRSA_TEXT("role", "r1"), IRSA_TEXT("why", "it says \"so\\\""),
             IRSA_TEXT("empty", ""), IRSA_TEXT("pair", "a=b"), IRSA_NUMBER("n", 7));
    const char *line = release();
    assert_int_equal(strncmp(line, "time=20", 7), 0);
    assert_string_equal(
        strchr(line, ' '),
        " level=info event=role.created role=r1 why=\"it says \\\"so\\\\\\\"\" empty=\"\" pair=\"a=b\" n=7\n");
}

static void a_level_below_the_least_is_silent(void **state) {
    (void)state;
    irsa_log_setup(IRSA_LOG_WARN, IRSA_LOG_LOGFMT);
    int evaluated = 0;
    capture();
    IRSA_LOG(INFO, "not.seen", IRSA_NUMBER("n", ++evaluated));
    IRSA_LOG(ERROR, "is.seen", IRSA_NUMBER("n", ++evaluated));
    const char *line = release();
    assert_null(strstr(line, "not.seen"));
    assert_non_null(strstr(line, "event=is.seen n=1"));
    assert_false(irsa_log_is_on(IRSA_LOG_INFO));
    assert_true(irsa_log_is_on(IRSA_LOG_WARN));
}

static void a_field_that_is_absent_is_left_out(void **state) {
    (void)state;
    irsa_log_setup(IRSA_LOG_DEBUG, IRSA_LOG_JSON);
    capture();
    IRSA_LOG(DEBUG, "x.done", IRSA_TEXT("absent", NULL), (struct irsa_log_field){0});
    assert_int_equal(parse(release())->count, 3);
}

static void what_others_wrote_is_made_printable(void **state) {
    (void)state;
    for (int format = IRSA_LOG_LOGFMT; format <= IRSA_LOG_JSON; format++) {
        irsa_log_setup(IRSA_LOG_DEBUG, (enum irsa_log_format)format);
        capture();
        IRSA_LOG(INFO, "x.done", IRSA_TEXT("text", "a\n\x1b[31m\xff"));
        const char *line = release();
        assert_int_equal(strcspn(line, "\n"), strlen(line) - 1);
        assert_int_equal(irsa_utf8_valid_prefix(line, strlen(line)), strlen(line));
        assert_non_null(strstr(line, "\\x1b[31m"));
    }
}

static void a_long_value_is_cut_at_two_kib(void **state) {
    (void)state;
    char *text = irsa_arena_alloc(arena, 5001);
    memset(text, 'x', 5000);
    irsa_log_setup(IRSA_LOG_DEBUG, IRSA_LOG_JSON);
    capture();
    IRSA_LOG(INFO, "x.done", IRSA_TEXT("text", text), IRSA_TEXT("after", "y"));
    const struct irsa_json *record = parse(release());
    assert_int_equal(irsa_json_get(record, "text")->text_length, 2048);
    assert_string_equal(irsa_json_get_text(record, "after"), "y");
}

static void fields_without_room_are_counted(void **state) {
    (void)state;
    char *text = irsa_arena_alloc(arena, 2001);
    memset(text, '"', 2000); /* twice as long when it is escaped */
    struct irsa_log_field fields[20];
    for (size_t i = 0; i < COUNT_OF(fields); i++)
        fields[i] = IRSA_TEXT("text", text);
    fields[19] = IRSA_TEXT("last", "there is room for this one");
    capture();
    irsa_log_setup(IRSA_LOG_DEBUG, IRSA_LOG_LOGFMT);
    irsa_log_write(IRSA_LOG_INFO, "x.done", fields, COUNT_OF(fields));
    const char *line = release();
    assert_non_null(strstr(line, "last=\"there is room"));
    assert_non_null(strstr(line, " dropped=15\n"));
    for (size_t i = 0; i < COUNT_OF(fields); i++)
        fields[i].key = irsa_arena_format(arena, "text%zu", i);
    capture();
    irsa_log_setup(IRSA_LOG_DEBUG, IRSA_LOG_JSON);
    irsa_log_write(IRSA_LOG_INFO, "x.done", fields, COUNT_OF(fields));
    const struct irsa_json *record = parse(release());
    assert_string_equal(irsa_json_get(record, "dropped")->text, "15");
    assert_string_equal(irsa_json_get_text(record, "text19"), "there is room for this one");
}

static void a_file_gets_json_when_the_format_is_left_open(void **state) {
    (void)state;
    capture();
    irsa_log_setup(IRSA_LOG_DEBUG, IRSA_LOG_AUTO);
    IRSA_LOG(INFO, "x.done");
    assert_int_equal(parse(release())->kind, IRSA_JSON_OBJECT);
}

static void levels_have_names(void **state) {
    (void)state;
    enum irsa_log_level level = IRSA_LOG_ERROR;
    assert_true(irsa_log_level_find("debug", &level));
    assert_int_equal(level, IRSA_LOG_DEBUG);
    assert_true(irsa_log_level_find("warn", &level));
    assert_int_equal(level, IRSA_LOG_WARN);
    assert_false(irsa_log_level_find("WARN", &level));
    assert_false(irsa_log_level_find("", &level));
    assert_int_equal(level, IRSA_LOG_WARN);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_for_programs_is_json_with_fixed_keys),
        cmocka_unit_test(a_line_for_people_is_logfmt),
        cmocka_unit_test(a_level_below_the_least_is_silent),
        cmocka_unit_test(a_field_that_is_absent_is_left_out),
        cmocka_unit_test(what_others_wrote_is_made_printable),
        cmocka_unit_test(a_long_value_is_cut_at_two_kib),
        cmocka_unit_test(fields_without_room_are_counted),
        cmocka_unit_test(a_file_gets_json_when_the_format_is_left_open),
        cmocka_unit_test(levels_have_names),
    };
    return cmocka_run_group_tests_name("an event is one line", tests, make_arena, free_arena);
}
