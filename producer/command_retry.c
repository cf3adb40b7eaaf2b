/*
 * retry: dead letters become requests again, with the ids, keys and bytes that they had.
 */
#include <stdio.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/clock.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/contract/topics.h"
#include "producer/commands.h"
#include "producer/interrupt.h"
#include "producer/letters.h"
#include "producer/output.h"
#include "producer/post.h"
#include "producer/table.h"
#include "producer/terminal.h"

static const char *const headings[] = {"REQUEST", "ID", "CODE", "STATE", "DETAIL", NULL};

/* What becomes of one letter. */
enum fate { PLANNED, SKIPPED, RETRIED, REFUSED };

static const struct {
    const char *name;
    enum irsa_colour colour;
} FATES[] = {[PLANNED] = {"planned", IRSA_COLOUR_QUIET},
             [SKIPPED] = {"skipped", IRSA_COLOUR_WAITING},
             [RETRIED] = {"retried", IRSA_COLOUR_GOOD},
             [REFUSED] = {"refused", IRSA_COLOUR_BAD}};

struct row {
    const struct irsa_letter *letter;
    enum fate fate;
    const char *detail;
};

struct retry {
    const struct irsa_session *session;
    struct irsa_letters letters;
    struct row *rows;
    int64_t began_ms; /* wall clock: what comes of the retry comes later */
};

/* --- sending -------------------------------------------------------------------------------------------------------------- */

static struct irsa_post make_post(const struct retry *retry, const struct row *row, const char *topic) {
    struct irsa_post post = {.state = IRSA_POST_LEFT};
    const struct irsa_letter *letter = row->letter;
    irsa_dead_letter_replay(retry->session->arena, &letter->dead, letter->is_read ? &letter->event : NULL, letter->type,
                            &post.record);
    post.record.topic = topic;
    return post;
}

static void note(struct row *row, const struct irsa_post *post) {
    if (post->state == IRSA_POST_LEFT)
        return;
    row->fate = post->state == IRSA_POST_SENT ? RETRIED : REFUSED;
    row->detail = post->why;
}

/* What is planned goes out; what then is still planned was not sent. False: not all went. */
static bool send_all(struct retry *retry) {
    const struct irsa_session *session = retry->session;
    const char *topic = irsa_topic_name(session->arena, session->settings.topics_prefix, IRSA_TOPIC_REQUESTS);
    size_t count = retry->letters.count, planned = 0;
    struct irsa_post *posts = IRSA_NEW_ARRAY(session->arena, struct irsa_post, count);
    struct row **rows = IRSA_NEW_ARRAY(session->arena, struct row *, count);
    struct irsa_error err;
    bool is_complete = true;
    for (size_t i = 0; i < count; i++)
        if (retry->rows[i].fate == PLANNED) {
            rows[planned] = &retry->rows[i];
            posts[planned++] = make_post(retry, &retry->rows[i], topic);
        }
    if (!irsa_post_all(session, posts, planned, &err))
        irsa_complain("%s", err.message);
    for (size_t i = 0; i < planned; i++) {
        note(rows[i], &posts[i]);
        is_complete &= rows[i]->fate == RETRIED;
    }
    return is_complete;
}

/* --- output --------------------------------------------------------------------------------------------------------------- */

static void plan(struct retry *retry) {
    retry->rows = IRSA_NEW_ARRAY(retry->session->arena, struct row, retry->letters.count);
    for (size_t i = 0; i < retry->letters.count; i++) {
        const struct irsa_letter *letter = retry->letters.at[i];
        bool is_left = letter->why_not != NULL && (letter->dead.is_truncated || !retry->session->arguments->force);
        retry->rows[i] = (struct row){
            .letter = letter, .fate = is_left ? SKIPPED : PLANNED, .detail = is_left ? letter->why_not : NULL};
    }
}

static const char *detail_of(const struct row *row) {
    return row->detail != NULL ? row->detail : row->letter->dead.message;
}

static enum irsa_colour fill_row(void *self, size_t index, const char **out_cells) {
    const struct retry *retry = self;
    const struct row *row = &retry->rows[index];
    out_cells[0] = row->letter->key[0] != '\0' ? row->letter->key : "-";
    out_cells[1] = row->letter->event.id;
    out_cells[2] = row->letter->dead.code;
    out_cells[3] = FATES[row->fate].name;
    out_cells[4] = detail_of(row);
    return FATES[row->fate].colour;
}

static void print_table(struct retry *retry) {
    struct irsa_table table;
    irsa_table_init(&table, headings, stdout);
    table.coloured = 3;
    irsa_table_print_all(&table, retry->letters.count, fill_row, retry);
}

static void print_item(struct irsa_output *output, struct irsa_arena *arena, const struct row *row) {
    const struct irsa_letter *letter = row->letter;
    struct irsa_text text;
    struct irsa_json_writer w;
    irsa_text_init(&text, arena, IRSA_REQUEST_MAX_BYTES);
    irsa_json_begin(&w, &text);
    irsa_json_open_object(&w, NULL);
    irsa_json_add_text(&w, "id", letter->event.id);
    irsa_json_add_text(&w, "source", letter->event.source);
    irsa_json_add_text(&w, "key", letter->key);
    irsa_json_add_text(&w, "code", letter->dead.code);
    irsa_json_add_text(&w, "message", letter->dead.message);
    irsa_json_add_integer(&w, "replays", letter->dead.replays);
    irsa_json_add_text(&w, "state", FATES[row->fate].name);
    irsa_json_add_text(&w, "reason", row->detail);
    irsa_json_close_object(&w);
    irsa_output_add(output, text.at, text.length);
}

static void print_items(const struct retry *retry) {
    struct irsa_arena *arena = irsa_arena_new();
    struct irsa_output output;
    irsa_output_begin(&output, (enum irsa_output_format)retry->session->arguments->output, stdout);
    for (size_t i = 0; i < retry->letters.count; i++) {
        irsa_arena_clear(arena);
        print_item(&output, arena, &retry->rows[i]);
    }
    irsa_output_end(&output);
    irsa_arena_free(arena);
}

/* "3 retried, 1 skipped" */
static void say_sum(const struct retry *retry) {
    size_t counts[sizeof FATES / sizeof *FATES] = {0};
    char room[160];
    struct irsa_text text;
    irsa_text_init_fixed(&text, room, sizeof room);
    for (size_t i = 0; i < retry->letters.count; i++)
        counts[retry->rows[i].fate]++;
    for (size_t fate = 0; fate < sizeof FATES / sizeof *FATES; fate++)
        if (counts[fate] > 0)
            irsa_text_addf(&text, "%s%zu %s", text.length > 0 ? ", " : "", counts[fate], FATES[fate].name);
    irsa_say("%s", text.length > 0 ? text.at : "no dead letters fit");
}

static bool is_any_retried(const struct retry *retry) {
    for (size_t i = 0; i < retry->letters.count; i++)
        if (retry->rows[i].fate == RETRIED)
            return true;
    return false;
}

/* Without --since the failures of before would be found and taken for the answer: the ids are the same. */
static void say_what_next(const struct retry *retry) {
    const struct irsa_arguments *arguments = retry->session->arguments;
    char since[IRSA_TIMESTAMP_BYTES];
    if (!is_any_retried(retry))
        return;
    irsa_timestamp_format(retry->began_ms, since);
    if (arguments->operands.count == 1)
        irsa_say("to see its outcome: irsactl wait %s --since %s", arguments->operands.at[0], since);
    else if (arguments->batch != NULL)
        irsa_say("to see their outcomes: irsactl wait --batch %s --since %s", arguments->batch, since);
    else
        irsa_say("to see their outcomes: irsactl results --follow --since %s", since);
}

static void show(struct retry *retry) {
    if (retry->session->arguments->output != IRSA_OUTPUT_TABLE)
        print_items(retry);
    else if (retry->letters.count > 0)
        print_table(retry);
    fflush(stdout);
    say_sum(retry);
    say_what_next(retry);
}

/* ------------------------------------------------------------------------------------------------------------------------- */

static enum irsa_exit exit_of(const struct retry *retry) {
    return is_any_retried(retry) ? IRSA_EXIT_PARTLY : IRSA_EXIT_BROKER;
}

static enum irsa_exit run(struct retry *retry) {
    plan(retry);
    bool is_complete = retry->session->arguments->is_dry_run || retry->letters.count == 0 || send_all(retry);
    show(retry);
    if (irsa_interrupted())
        return IRSA_EXIT_INTERRUPTED;
    return is_complete ? IRSA_EXIT_DONE : exit_of(retry);
}

static bool has_choice(const struct irsa_arguments *arguments, struct irsa_error *err) {
    bool is_chosen = arguments->operands.count > 0 || arguments->batch != NULL || arguments->since != NULL ||
                     arguments->codes.count > 0 || arguments->keys.count > 0 || arguments->is_dry_run;
    return is_chosen ||
           IRSA_FAIL(err, INVALID,
                     "which dead letters? Name ids, --batch, --code, --key or --since; --dry-run shows all "
                     "of them, --key '*' takes all");
}

enum irsa_exit irsa_run_retry(struct irsa_session *session) {
    struct retry retry = {.session = session, .began_ms = irsa_clock_now_ms(irsa_clock_system())};
    struct irsa_error err;
    if (!has_choice(session->arguments, &err) || !irsa_session_has_broker(session, &err)) {
        irsa_complain("%s", err.message);
        return IRSA_EXIT_USAGE;
    }
    irsa_interrupt_catch();
    if (!irsa_letters_read(session, &retry.letters, &err) || !irsa_letters_judge(session, &retry.letters, &err)) {
        irsa_complain("%s", err.message);
        return err.code == IRSA_CODE_INVALID ? IRSA_EXIT_USAGE : IRSA_EXIT_BROKER;
    }
    return irsa_interrupted() ? IRSA_EXIT_INTERRUPTED : run(&retry);
}
