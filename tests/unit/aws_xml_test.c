#include "core/aws/xml.h"

#include "core/base/arena.h"
#include "tests/support/test.h"

static struct irsa_arena *arena;
static struct irsa_error err;

static int start(void **state) {
    (void)state;
    arena = irsa_arena_new();
    return 0;
}

static int stop(void **state) {
    (void)state;
    irsa_arena_free(arena);
    return 0;
}

static const struct irsa_xml *parse(const char *text) {
    const struct irsa_xml *root;
    assert_ok(irsa_xml_parse(arena, text, strlen(text), &root, &err), err);
    return root;
}

static void must_refuse(const char *text, enum irsa_code code) {
    const struct irsa_xml *root;
    if (irsa_xml_parse(arena, text, strlen(text), &root, &err))
        fail_msg("%s was taken", text);
    assert_string_equal(irsa_code_name(err.code), irsa_code_name(code));
}

static void elements_become_a_tree(void **state) {
    (void)state;
    const struct irsa_xml *root =
        parse("<?xml version=\"1.0\"?>\n<R xmlns=\"x\" a='1'>\n <A>one</A>\n <B><C>2</C></B>\n"
              " <A>three</A>\n</R>\n");
    assert_string_equal(root->name, "R");
    assert_string_equal(root->text, "");
    assert_string_equal(irsa_xml_get_text(root, "A"), "one");
    assert_string_equal(irsa_xml_get_text(irsa_xml_get(root, "B"), "C"), "2");
    assert_string_equal(root->first->next->next->text, "three");
    assert_null(root->first->next->next->next);
    assert_null(irsa_xml_get(root, "D"));
    assert_null(irsa_xml_get(NULL, "A"));
    assert_null(irsa_xml_get_text(root, "D"));
}

static void text_is_kept_as_it_is_meant(void **state) {
    (void)state;
    const struct irsa_xml *root = parse("<R>a &lt;b&gt; &amp;&#x20AC;&apos;&quot;\n<![CDATA[<raw>]]> end</R>");
    assert_string_equal(root->text, "a <b> &\xe2\x82\xac'\"\n<raw> end");
    assert_string_equal(parse("<R/>")->text, "");
    assert_string_equal(parse("<R> </R>")->text, " ");
    assert_string_equal(irsa_xml_get_text(parse("<R><A></A></R>"), "A"), "");
}

static void long_text_is_put_together(void **state) {
    (void)state;
    struct irsa_text text;
    irsa_text_init(&text, arena, 200000);
    irsa_text_add(&text, "<R><A>");
    for (int i = 0; i < 10000; i++)
        irsa_text_add(&text, "&amp;line\n");
    irsa_text_add(&text, "</A></R>");
    const char *all = irsa_xml_get_text(parse(text.at), "A");
    assert_int_equal(strlen(all), 60000);
    assert_memory_equal(all + 59994, "&line\n", 6);
}

static void document_types_and_entities_are_refused(void **state) {
    (void)state;
    must_refuse("<!DOCTYPE R [<!ENTITY a \"b\">]><R>&a;</R>", IRSA_CODE_SCHEMA);
    must_refuse("<!DOCTYPE R SYSTEM \"file:///etc/passwd\"><R/>", IRSA_CODE_SCHEMA);
    must_refuse("<R>&a;</R>", IRSA_CODE_SCHEMA);
}

static void what_is_not_well_formed_is_refused_with_its_place(void **state) {
    (void)state;
    static const char *const refused[] = {
        "", "text", "<R>", "<R></S>", "<R/><R/>", "<R>\xff</R>", "<R>&#0;</R>", "{\"a\":1}", "<R><A></R>", "<R a=1/>"};
    for (size_t i = 0; i < COUNT_OF(refused); i++)
        must_refuse(refused[i], IRSA_CODE_SCHEMA);
    must_refuse("<R>\n  <A></B>\n</R>", IRSA_CODE_SCHEMA);
    assert_int_equal(err.line, 2);
    assert_int_equal(err.column, 8);
}

static const char *nested(unsigned depth) {
    struct irsa_text text;
    irsa_text_init(&text, arena, 1000000);
    for (unsigned i = 0; i < depth; i++)
        irsa_text_add(&text, "<a>");
    for (unsigned i = 0; i < depth; i++)
        irsa_text_add(&text, "</a>");
    return text.at;
}

static void depth_and_number_of_elements_are_bounded(void **state) {
    (void)state;
    parse(nested(IRSA_XML_MAX_DEPTH));
    must_refuse(nested(IRSA_XML_MAX_DEPTH + 1), IRSA_CODE_TOO_LARGE);
    must_refuse(nested(10000), IRSA_CODE_TOO_LARGE);
    struct irsa_text text;
    irsa_text_init(&text, arena, 1000000);
    irsa_text_add(&text, "<r>");
    for (unsigned i = 0; i < IRSA_XML_MAX_ELEMENTS; i++)
        irsa_text_add(&text, "<a/>");
    irsa_text_add(&text, "</r>");
    must_refuse(text.at, IRSA_CODE_TOO_LARGE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(elements_become_a_tree),
        cmocka_unit_test(text_is_kept_as_it_is_meant),
        cmocka_unit_test(long_text_is_put_together),
        cmocka_unit_test(document_types_and_entities_are_refused),
        cmocka_unit_test(what_is_not_well_formed_is_refused_with_its_place),
        cmocka_unit_test(depth_and_number_of_elements_are_bounded),
    };
    return cmocka_run_group_tests_name("XML is read within bounds", tests, start, stop);
}
