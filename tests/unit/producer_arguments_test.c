#include "producer/arguments.h"

#include <stdlib.h>

#include "core/base/arena.h"
#include "core/base/text.h"
#include "producer/grammar.h"
#include "producer/grammar_search.h"
#include "tests/support/test.h"

struct reading {
    struct irsa_arena *arena;
    struct irsa_arguments arguments;
    struct irsa_error err;
};

static int setup(void **state) {
    struct reading *reading = irsa_new(sizeof *reading);
    reading->arena = irsa_arena_new();
    *state = reading;
    return 0;
}

static int teardown(void **state) {
    struct reading *reading = *state;
    irsa_arena_free(reading->arena);
    free(reading);
    return 0;
}

#define MAX_ITEMS 32

/* A command line as people write it, split at blanks, behind the program's name. */
static bool parse(struct reading *reading, const char *line) {
    char *items[MAX_ITEMS] = {irsa_arena_copy(reading->arena, "irsactl")};
    int count = 1;
    char *rest = irsa_arena_copy(reading->arena, line);
    for (char *item; (item = strsep(&rest, " ")) != NULL;)
        if (item[0] != '\0')
            items[count++] = item;
    return irsa_arguments_parse(&irsa_ctl_grammar, reading->arena, count, items, &reading->arguments, &reading->err);
}

static void assert_refused(struct reading *reading, const char *line, const char *message) {
    assert_false(parse(reading, line));
    assert_string_equal(reading->err.message, message);
}

static bool has(struct reading *reading, const char *flag) {
    return irsa_arguments_has(&irsa_ctl_grammar, &reading->arguments, flag);
}

static void a_command_is_found_with_its_flags_and_its_argument(void **state) {
    struct reading *reading = *state;
    assert_ok(parse(reading, "create iamserviceaccount s3-reader --cluster cluster-13 --region=us-west-2 --role-only"),
              reading->err);
    assert_string_equal(reading->arguments.command->words, "create iamserviceaccount");
    assert_int_equal(reading->arguments.operands.count, 1);
    assert_string_equal(reading->arguments.operands.at[0], "s3-reader");
    assert_string_equal(reading->arguments.cluster, "cluster-13");
    assert_string_equal(reading->arguments.region, "us-west-2");
    assert_true(reading->arguments.role_only);
    assert_null(reading->arguments.role_name);
}

static void flags_may_stand_before_the_words_of_the_command(void **state) {
    struct reading *reading = *state;
    assert_ok(parse(reading, "-X bootstrap.servers=b:9092 create --name x iamserviceaccounts"), reading->err);
    assert_string_equal(reading->arguments.command->words, "create iamserviceaccount");
    assert_string_equal(reading->arguments.name, "x");
    assert_int_equal(reading->arguments.kafka.count, 1);
    assert_string_equal(reading->arguments.kafka.at[0].key, "bootstrap.servers");
    assert_string_equal(reading->arguments.kafka.at[0].value, "b:9092");
}

static void letters_stand_for_flags_with_their_value_behind_or_joined(void **state) {
    struct reading *reading = *state;
    assert_ok(parse(reading, "create iamserviceaccount -f a.yaml -fb.yaml -f=c.yaml -ojson -w"), reading->err);
    assert_int_equal(reading->arguments.files.count, 3);
    assert_string_equal(reading->arguments.files.at[0], "a.yaml");
    assert_string_equal(reading->arguments.files.at[1], "b.yaml");
    assert_string_equal(reading->arguments.files.at[2], "c.yaml");
    assert_int_equal(reading->arguments.output, IRSA_OUTPUT_JSON);
    assert_string_equal(reading->arguments.wait, "");
}

static void lists_are_repeated_or_separated_by_commas(void **state) {
    struct reading *reading = *state;
    assert_ok(parse(reading, "create iamserviceaccount --attach-policy-arn a,b --attach-policy-arn c --tags k=v,l=m=n"),
              reading->err);
    const struct irsa_strings *arns = &reading->arguments.attach_policy_arns;
    assert_int_equal(arns->count, 3);
    assert_string_equal(arns->at[0], "a");
    assert_string_equal(arns->at[1], "b");
    assert_string_equal(arns->at[2], "c");
    assert_int_equal(reading->arguments.tags.count, 2);
    assert_string_equal(reading->arguments.tags.at[1].key, "l");
    assert_string_equal(reading->arguments.tags.at[1].value, "m=n");
}

static void commas_within_braces_and_brackets_belong_to_a_glob(void **state) {
    struct reading *reading = *state;
    assert_ok(parse(reading, "create iamserviceaccount -f x --include {a,b}/*,c/[x,y] --exclude d"), reading->err);
    assert_int_equal(reading->arguments.include.count, 2);
    assert_string_equal(reading->arguments.include.at[0], "{a,b}/*");
    assert_string_equal(reading->arguments.include.at[1], "c/[x,y]");
    assert_int_equal(reading->arguments.exclude.count, 1);
}

static void a_kafka_setting_may_have_commas_and_equal_signs_in_its_value(void **state) {
    struct reading *reading = *state;
    assert_ok(parse(reading, "results -Xbootstrap.servers=a:1,b:2 --set sasl.oauthbearer.config=x=y"), reading->err);
    assert_int_equal(reading->arguments.kafka.count, 2);
    assert_string_equal(reading->arguments.kafka.at[0].value, "a:1,b:2");
    assert_string_equal(reading->arguments.kafka.at[1].value, "x=y");
}

static void switches_take_true_and_false_behind_an_equal_sign_only(void **state) {
    struct reading *reading = *state;
    assert_ok(parse(reading, "create iamserviceaccount --role-only=true --with-oidc=false"), reading->err);
    assert_true(reading->arguments.role_only);
    assert_false(reading->arguments.with_oidc);
    assert_refused(reading, "create iamserviceaccount --role-only=maybe",
                   "--role-only is a switch: write it alone, or with =true or =false");
}

static void the_last_one_of_a_repeated_flag_counts(void **state) {
    struct reading *reading = *state;
    assert_ok(parse(reading, "create iamserviceaccount --cluster a --cluster b"), reading->err);
    assert_string_equal(reading->arguments.cluster, "b");
}

static void wait_takes_its_duration_behind_an_equal_sign_only(void **state) {
    struct reading *reading = *state;
    assert_ok(parse(reading, "create iamserviceaccount --wait=20m -f x"), reading->err);
    assert_string_equal(reading->arguments.wait, "20m");
    assert_refused(reading, "create iamserviceaccount x --wait 20m", "\"--wait 20m\" is written --wait=20m");
    assert_refused(reading, "create iamserviceaccount --wait 20m", "\"--wait 20m\" is written --wait=20m");
    assert_refused(reading, "create iamserviceaccount -w 20m", "\"-w 20m\" is written --wait=20m");
    assert_ok(parse(reading, "create iamserviceaccount --wait s3-reader"), reading->err);
    assert_string_equal(reading->arguments.operands.at[0], "s3-reader");
    assert_refused(reading, "delete iamserviceaccount x --wait y", "one argument too many: \"y\"");
}

static void dry_run_takes_its_kind_behind_an_equal_sign_only(void **state) {
    struct reading *reading = *state;
    assert_ok(parse(reading, "create iamserviceaccount x --dry-run=server"), reading->err);
    assert_int_equal(reading->arguments.dry_run, IRSA_DRY_RUN_SERVER);
    assert_ok(parse(reading, "create iamserviceaccount --dry-run x"), reading->err);
    assert_int_equal(reading->arguments.dry_run, IRSA_DRY_RUN_CLIENT);
    assert_string_equal(reading->arguments.operands.at[0], "x");
    assert_refused(reading, "create iamserviceaccount --dry-run server",
                   "\"--dry-run server\" is written --dry-run=server");
}

static void settings_of_the_program_are_flags_too(void **state) {
    struct reading *reading = *state;
    assert_ok(parse(reading, "results --topics-prefix team --broker-timeout=3s"), reading->err);
    assert_int_equal(reading->arguments.settings.count, 2);
    assert_string_equal(reading->arguments.settings.at[0].key, "--topics-prefix");
    assert_string_equal(reading->arguments.settings.at[0].value, "team");
    assert_string_equal(reading->arguments.settings.at[1].value, "3s");
    assert_refused(reading, "validate --topics-prefix team", "\"irsactl validate\" takes no --topics-prefix");
}

static void what_was_given_is_known_by_its_name(void **state) {
    struct reading *reading = *state;
    assert_ok(parse(reading, "create iamserviceaccount --output=table --dry-run=client"), reading->err);
    assert_true(has(reading, "--output"));
    assert_true(has(reading, "--dry-run"));
    assert_false(has(reading, "--batch"));
    const struct irsa_flag *first =
        irsa_arguments_first_of(&irsa_ctl_grammar, &reading->arguments, IRSA_GROUP_SEND | IRSA_GROUP_CLUSTER);
    assert_string_equal(first->name, "--dry-run");
}

static void two_dashes_end_the_flags(void **state) {
    struct reading *reading = *state;
    assert_ok(parse(reading, "wait --batch b -- --follow"), reading->err);
    assert_int_equal(reading->arguments.operands.count, 1);
    assert_string_equal(reading->arguments.operands.at[0], "--follow");
}

static void an_unknown_flag_is_refused_with_the_nearest_one(void **state) {
    struct reading *reading = *state;
    assert_refused(reading, "create iamserviceaccount --namspace x",
                   "there is no flag --namspace; did you mean --namespace?");
    assert_refused(reading, "create iamserviceaccount --zzzzzzzz=1", "there is no flag --zzzzzzzz");
    assert_refused(reading, "results --topic-prefix x",
                   "there is no flag --topic-prefix; did you mean --topics-prefix?");
}

static void a_flag_of_another_command_is_refused_by_name(void **state) {
    struct reading *reading = *state;
    assert_refused(reading, "results --cluster x", "\"irsactl results\" takes no --cluster");
    assert_refused(reading, "delete iamserviceaccount --tags=a=b",
                   "\"irsactl delete iamserviceaccount\" takes no --tags");
}

static void an_unknown_command_is_refused_with_the_nearest_one(void **state) {
    struct reading *reading = *state;
    assert_refused(reading, "craete iamserviceaccount", "there is no command \"craete\"; did you mean \"create\"?");
    assert_refused(reading, "create iamserviceacount x",
                   "there is no command \"create iamserviceacount\"; did you mean \"create iamserviceaccount\"?");
    assert_refused(reading, "frobnicate", "there is no command \"frobnicate\"");
}

static void half_a_command_is_refused_with_the_words_that_complete_it(void **state) {
    struct reading *reading = *state;
    assert_refused(reading, "topics", "\"irsactl topics\" needs one more word: create, check");
    assert_refused(reading, "--batch b", "a command is missing");
}

static void a_missing_value_is_refused(void **state) {
    struct reading *reading = *state;
    assert_refused(reading, "create iamserviceaccount --cluster", "--cluster needs a value");
    assert_refused(reading, "create iamserviceaccount --cluster --region x", "--cluster needs a value");
    assert_refused(reading, "results --topics-prefix", "--topics-prefix needs a value");
    assert_refused(reading, "create iamserviceaccount -X nothing", "--set takes KEY=VALUE, not \"nothing\"");
    assert_refused(reading, "create iamserviceaccount --attach-policy-arn a,,b",
                   "--attach-policy-arn has an empty item in its list");
}

static void a_wrong_choice_is_refused_with_the_right_ones(void **state) {
    struct reading *reading = *state;
    assert_refused(reading, "results -o xml", "--output is one of table, json, jsonl, yaml, not \"xml\"");
}

static void an_argument_too_many_is_refused(void **state) {
    struct reading *reading = *state;
    assert_refused(reading, "create iamserviceaccount a b", "one argument too many: \"b\"");
    assert_refused(reading, "results a", "\"irsactl results\" takes no argument: \"a\"");
}

static void help_is_asked_for_anywhere_and_wins_over_what_is_wrong(void **state) {
    struct reading *reading = *state;
    assert_ok(parse(reading, "create --help"), reading->err);
    assert_true(reading->arguments.is_help);
    assert_string_equal(reading->arguments.words, "create");
    assert_ok(parse(reading, "create iamserviceaccount --zzz -h"), reading->err);
    assert_true(reading->arguments.is_help);
    assert_string_equal(reading->arguments.words, "create iamserviceaccount");
    assert_ok(parse(reading, "wait x -- --help"), reading->err);
    assert_false(reading->arguments.is_help);
}

static void long_lists_keep_every_item_in_order(void **state) {
    struct reading *reading = *state;
    char *items[1004] = {irsa_arena_copy(reading->arena, "irsactl"), irsa_arena_copy(reading->arena, "wait")};
    for (int i = 0; i < 1000; i++)
        items[2 + i] = irsa_arena_format(reading->arena, "id-%d", i);
    assert_ok(irsa_arguments_parse(&irsa_ctl_grammar, reading->arena, 1002, items, &reading->arguments, &reading->err),
              reading->err);
    assert_int_equal(reading->arguments.operands.count, 1000);
    for (int i = 0; i < 1000; i++)
        assert_ptr_equal(reading->arguments.operands.at[i], items[2 + i]);
}

/* The bits of `given` and the texts for people depend on these. */
static void the_tables_are_in_order(void **state) {
    (void)state;
    size_t flags = 0, commands = 0;
    for (const struct irsa_flag *flag = irsa_ctl_grammar.flags; flag->name != NULL; flag++, flags++) {
        assert_true(irsa_text_starts_with(flag->name, "--"));
        assert_non_null(flag->prose);
        bool is_choice = flag->kind == IRSA_FLAG_CHOICE || flag->kind == IRSA_FLAG_OPTIONAL_CHOICE;
        assert_int_equal(flag->choices != NULL, is_choice);
        assert_int_equal(flag->value_name == NULL, is_choice || flag->kind == IRSA_FLAG_SWITCH);
    }
    for (const struct irsa_command *command = irsa_ctl_grammar.commands; command->words != NULL;
         command++, commands++) {
        assert_non_null(command->run);
        assert_non_null(command->prose);
        assert_true(irsa_text_starts_with(command->examples, "irsactl ") ||
                    strstr(command->examples, "irsactl ") != NULL);
    }
    assert_in_range(flags, 1, IRSA_FLAGS_MAX);
    assert_in_range(commands, 1, IRSA_COMMANDS_MAX);
}

/* No command takes two flags of one name or letter. */
static void no_flag_is_ambiguous_within_a_command(void **state) {
    (void)state;
    for (const struct irsa_command *command = irsa_ctl_grammar.commands; command->words != NULL; command++) {
        unsigned groups = command->groups | IRSA_GROUP_EVERY;
        for (const struct irsa_flag *a = irsa_ctl_grammar.flags; a->name != NULL; a++) {
            for (const struct irsa_flag *b = a + 1; b->name != NULL; b++) {
                if ((a->groups & groups) == 0 || (b->groups & groups) == 0)
                    continue;
                if (strcmp(a->name, b->name) == 0 || (a->letter != 0 && a->letter == b->letter))
                    fail_msg("%s: %s and %s", command->words, a->name, b->name);
            }
        }
    }
}

/* The command's words are found before it is known which of two flags is meant. */
static void flags_that_share_a_name_or_a_letter_take_values_alike(void **state) {
    (void)state;
    for (const struct irsa_flag *a = irsa_ctl_grammar.flags; a->name != NULL; a++) {
        for (const struct irsa_flag *b = a + 1; b->name != NULL; b++) {
            if (strcmp(a->name, b->name) != 0 && (a->letter == 0 || a->letter != b->letter))
                continue;
            const struct irsa_flag_match one = {.flag = a}, other = {.flag = b};
            if (irsa_flag_takes_value(&one) != irsa_flag_takes_value(&other))
                fail_msg("%s and %s", a->name, b->name);
        }
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_command_is_found_with_its_flags_and_its_argument),
        TEST(flags_may_stand_before_the_words_of_the_command),
        TEST(letters_stand_for_flags_with_their_value_behind_or_joined),
        TEST(lists_are_repeated_or_separated_by_commas),
        TEST(commas_within_braces_and_brackets_belong_to_a_glob),
        TEST(a_kafka_setting_may_have_commas_and_equal_signs_in_its_value),
        TEST(switches_take_true_and_false_behind_an_equal_sign_only),
        TEST(the_last_one_of_a_repeated_flag_counts),
        TEST(wait_takes_its_duration_behind_an_equal_sign_only),
        TEST(dry_run_takes_its_kind_behind_an_equal_sign_only),
        TEST(settings_of_the_program_are_flags_too),
        TEST(what_was_given_is_known_by_its_name),
        TEST(two_dashes_end_the_flags),
        TEST(an_unknown_flag_is_refused_with_the_nearest_one),
        TEST(a_flag_of_another_command_is_refused_by_name),
        TEST(an_unknown_command_is_refused_with_the_nearest_one),
        TEST(half_a_command_is_refused_with_the_words_that_complete_it),
        TEST(a_missing_value_is_refused),
        TEST(a_wrong_choice_is_refused_with_the_right_ones),
        TEST(an_argument_too_many_is_refused),
        TEST(help_is_asked_for_anywhere_and_wins_over_what_is_wrong),
        TEST(long_lists_keep_every_item_in_order),
        cmocka_unit_test(the_tables_are_in_order),
        cmocka_unit_test(no_flag_is_ambiguous_within_a_command),
        cmocka_unit_test(flags_that_share_a_name_or_a_letter_take_values_alike),
    };
    return RUN_TESTS("the command line is read by its tables");
}
