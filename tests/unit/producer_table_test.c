#include "producer/table.h"

#include <stdlib.h>

#include "tests/support/test.h"

struct sheet {
    char *text;
    size_t length;
    FILE *out;
};

static struct sheet open_sheet(void) {
    struct sheet sheet = {0};
    return sheet;
}

/* What the table prints for these rows, measured first. */
static char *render(const char *const *headings, const char *const (*rows)[3], size_t count) {
    struct sheet sheet = open_sheet();
    struct irsa_table table;
    sheet.out = open_memstream(&sheet.text, &sheet.length);
    irsa_table_init(&table, headings, sheet.out);
    for (size_t i = 0; i < count; i++)
        irsa_table_measure(&table, rows[i]);
    irsa_table_print_headings(&table);
    for (size_t i = 0; i < count; i++)
        irsa_table_print(&table, rows[i], IRSA_COLOUR_BAD);
    fclose(sheet.out);
    return sheet.text;
}

static const char *const headings[] = {"NAME", "OUTCOME", "DETAIL", NULL};

static void columns_are_as_wide_as_their_widest_cell(void **state) {
    (void)state;
    const char *const rows[][3] = {{"a", "succeeded", "x"}, {"long-name", "failed", "why"}};
    char *text = render(headings, rows, COUNT_OF(rows));
    assert_string_equal(text, "NAME       OUTCOME    DETAIL\n"
                              "a          succeeded  x\n"
                              "long-name  failed     why\n");
    free(text);
}

static void columns_at_the_end_that_are_empty_have_no_heading(void **state) {
    (void)state;
    const char *const rows[][3] = {{"a", "ok", ""}, {"b", NULL, NULL}};
    char *text = render(headings, rows, COUNT_OF(rows));
    assert_string_equal(text, "NAME  OUTCOME\na     ok\nb\n");
    free(text);
    text = render(headings, rows, 0);
    assert_string_equal(text, "NAME  OUTCOME  DETAIL\n");
    free(text);
}

static void rows_end_without_blanks(void **state) {
    (void)state;
    const char *const rows[][3] = {{"a", "ok", ""}, {"b", NULL, NULL}, {"c", "ok", "x"}};
    char *text = render(headings, rows, COUNT_OF(rows));
    assert_string_equal(text, "NAME  OUTCOME  DETAIL\na     ok\nb\nc     ok       x\n");
    free(text);
}

static void characters_are_counted_not_bytes(void **state) {
    (void)state;
    const char *const rows[][3] = {{"é…", "1", "x"}, {"abc", "2", "y"}};
    char *text = render(headings, rows, COUNT_OF(rows));
    assert_non_null(strstr(text, "é…    1        x\n"));
    free(text);
}

static void control_characters_of_others_are_made_visible(void **state) {
    (void)state;
    const char *const rows[][3] = {{"a", "failed", "\x1b[2Jgone\nnext"}};
    char *text = render(headings, rows, COUNT_OF(rows));
    assert_null(strchr(text, '\x1b'));
    assert_null(strstr(text, "gone\n"));
    assert_non_null(strstr(text, "gone"));
    free(text);
}

static void what_is_not_a_terminal_gets_no_colours(void **state) {
    (void)state;
    const char *const rows[][3] = {{"a", "failed", "b"}};
    char *text = render(headings, rows, COUNT_OF(rows));
    assert_null(strchr(text, '\x1b'));
    free(text);
}

static void colours_wrap_the_one_cell_and_not_its_blanks(void **state) {
    (void)state;
    struct sheet sheet = open_sheet();
    struct irsa_table table;
    sheet.out = open_memstream(&sheet.text, &sheet.length);
    irsa_table_init(&table, headings, sheet.out);
    table.has_colours = true;
    table.coloured = 1;
    irsa_table_print(&table, (const char *const[]){"a", "ok", "b"}, IRSA_COLOUR_GOOD);
    fclose(sheet.out);
    assert_string_equal(sheet.text, "a     \033[32mok\033[0m       b\n");
    free(sheet.text);
}

static void longer_cells_than_were_measured_push_the_others(void **state) {
    (void)state;
    struct sheet sheet = open_sheet();
    struct irsa_table table;
    sheet.out = open_memstream(&sheet.text, &sheet.length);
    irsa_table_init(&table, headings, sheet.out);
    irsa_table_print(&table, (const char *const[]){"longer-than-name", "ok", "b"}, IRSA_COLOUR_NONE);
    fclose(sheet.out);
    assert_string_equal(sheet.text, "longer-than-name  ok       b\n");
    free(sheet.text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_are_as_wide_as_their_widest_cell),
        cmocka_unit_test(columns_at_the_end_that_are_empty_have_no_heading),
        cmocka_unit_test(rows_end_without_blanks),
        cmocka_unit_test(characters_are_counted_not_bytes),
        cmocka_unit_test(control_characters_of_others_are_made_visible),
        cmocka_unit_test(what_is_not_a_terminal_gets_no_colours),
        cmocka_unit_test(colours_wrap_the_one_cell_and_not_its_blanks),
        cmocka_unit_test(longer_cells_than_were_measured_push_the_others),
    };
    return RUN_TESTS("tables are aligned");
}
