/*
 * cancel: a word to all workers, on the control topic, that requests are not wanted any more.
 */
#include <pwd.h>
#include <stdio.h>
#include <unistd.h>

#include "core/base/arena.h"
#include "core/base/json.h"
#include "core/contract/control.h"
#include "core/contract/topics.h"
#include "producer/commands.h"
#include "producer/interrupt.h"
#include "producer/output.h"
#include "producer/post.h"
#include "producer/send.h"
#include "producer/table.h"
#include "producer/terminal.h"

static const char *const headings[] = {"WHAT", "NAME", "SOURCE", "STATE", "DETAIL", NULL};

struct cancel {
    const struct irsa_session *session;
    const char *topic;
    struct irsa_control *words;
    struct irsa_post *posts; /* of the words */
    size_t count;
};

/* --- the words ------------------------------------------------------------------------------------------------------------ */

static const char *user_at_host(struct irsa_arena *arena) {
    char host[256] = "";
    const struct passwd *user = getpwuid(geteuid());
    gethostname(host, sizeof host - 1);
    if (user != NULL)
        return irsa_arena_format(arena, "%s@%s", user->pw_name, host);
    return irsa_arena_format(arena, "%u@%s", (unsigned)geteuid(), host);
}

static void plan(struct cancel *cancel) {
    const struct irsa_session *session = cancel->session;
    const struct irsa_arguments *arguments = session->arguments;
    const char *sender = arguments->sender != NULL ? arguments->sender : user_at_host(session->arena);
    bool is_batch = arguments->batch != NULL;
    cancel->count = is_batch ? 1 : arguments->operands.count;
    cancel->words = IRSA_NEW_ARRAY(session->arena, struct irsa_control, cancel->count);
    for (size_t i = 0; i < cancel->count; i++)
        cancel->words[i] = is_batch ? (struct irsa_control){.batch = arguments->batch, .sender = sender}
                                    : (struct irsa_control){.id = arguments->operands.at[i],
                                                            .source = session->settings.source,
                                                            .sender = sender};
}

static bool write_all(struct cancel *cancel, struct irsa_error *err) {
    cancel->posts = IRSA_NEW_ARRAY(cancel->session->arena, struct irsa_post, cancel->count);
    for (size_t i = 0; i < cancel->count; i++)
        if (!irsa_control_encode(cancel->session->arena, &cancel->words[i], cancel->topic, &cancel->posts[i].record,
                                 err))
            return false;
    return true;
}

static bool has_choice(const struct irsa_arguments *arguments, struct irsa_error *err) {
    bool has_ids = arguments->operands.count > 0, has_batch = arguments->batch != NULL;
    if (has_ids != has_batch)
        return true;
    return has_ids ? IRSA_FAIL(err, INVALID, "name ids or a --batch, not both")
                   : IRSA_FAIL(err, INVALID, "which requests? Name their ids, or a --batch");
}

/* --- output --------------------------------------------------------------------------------------------------------------- */

static const char *state_of(const struct irsa_post *post) {
    static const char *const NAMES[] = {
        [IRSA_POST_LEFT] = "planned", [IRSA_POST_SENT] = "sent", [IRSA_POST_REFUSED] = "refused"};
    return NAMES[post->state];
}

static enum irsa_colour fill_row(void *self, size_t index, const char **out_cells) {
    static const enum irsa_colour COLOURS[] = {[IRSA_POST_LEFT] = IRSA_COLOUR_QUIET,
                                               [IRSA_POST_SENT] = IRSA_COLOUR_GOOD,
                                               [IRSA_POST_REFUSED] = IRSA_COLOUR_BAD};
    const struct cancel *cancel = self;
    const struct irsa_control *word = &cancel->words[index];
    const struct irsa_post *post = &cancel->posts[index];
    out_cells[0] = word->batch != NULL ? "batch" : "request";
    out_cells[1] = word->batch != NULL ? word->batch : word->id;
    out_cells[2] = word->source != NULL ? word->source : "-";
    out_cells[3] = state_of(post);
    out_cells[4] = post->why;
    return COLOURS[post->state];
}

static void print_table(struct cancel *cancel) {
    struct irsa_table table;
    irsa_table_init(&table, headings, stdout);
    table.coloured = 3;
    irsa_table_print_all(&table, cancel->count, fill_row, cancel);
}

/* The word as it stands on the topic, and what became of it beside it. */
static void print_item(struct irsa_output *output, struct irsa_arena *arena, const struct irsa_control *word,
                       const struct irsa_post *post) {
    struct irsa_text text;
    struct irsa_json_writer w;
    irsa_text_init(&text, arena, 2 * IRSA_CONTROL_MAX_BYTES);
    irsa_json_begin(&w, &text);
    irsa_json_open_object(&w, NULL);
    irsa_json_open_object(&w, "cancel");
    irsa_json_add_text(&w, "id", word->id);
    irsa_json_add_text(&w, "source", word->source);
    irsa_json_add_text(&w, "batch", word->batch);
    irsa_json_close_object(&w);
    irsa_json_add_text(&w, "sender", word->sender);
    irsa_json_add_text(&w, "state", state_of(post));
    irsa_json_add_text(&w, "reason", post->why);
    irsa_json_close_object(&w);
    irsa_output_add(output, text.at, text.length);
}

static void print_items(const struct cancel *cancel) {
    struct irsa_arena *arena = irsa_arena_new();
    struct irsa_output output;
    irsa_output_begin(&output, (enum irsa_output_format)cancel->session->arguments->output, stdout);
    for (size_t i = 0; i < cancel->count; i++) {
        irsa_arena_clear(arena);
        print_item(&output, arena, &cancel->words[i], &cancel->posts[i]);
    }
    irsa_output_end(&output);
    irsa_arena_free(arena);
}

static size_t count_sent(const struct cancel *cancel) {
    size_t sent = 0;
    for (size_t i = 0; i < cancel->count; i++)
        sent += cancel->posts[i].state == IRSA_POST_SENT;
    return sent;
}

/* It is sent; whether it came in time the results tell. */
static void say_what_next(const struct cancel *cancel) {
    const struct irsa_arguments *arguments = cancel->session->arguments;
    if (arguments->batch != NULL)
        irsa_say("to see what became of them: irsactl wait --batch %s", arguments->batch);
    else if (cancel->count == 1)
        irsa_say("to see what became of it: irsactl wait %s", arguments->operands.at[0]);
    else
        irsa_say("to see what became of them: irsactl results --follow --outcome cancelled");
}

static void show(struct cancel *cancel) {
    if (cancel->session->arguments->output != IRSA_OUTPUT_TABLE)
        print_items(cancel);
    else
        print_table(cancel);
    fflush(stdout);
    if (count_sent(cancel) > 0)
        say_what_next(cancel);
}

/* ------------------------------------------------------------------------------------------------------------------------- */

static enum irsa_exit send_all(struct cancel *cancel) {
    struct irsa_error err;
    if (!irsa_broker_check(cancel->session, cancel->topic, &err) ||
        !irsa_post_all(cancel->session, cancel->posts, cancel->count, &err)) {
        irsa_complain("%s", err.message);
        return IRSA_EXIT_BROKER;
    }
    show(cancel);
    size_t sent = count_sent(cancel);
    if (sent < cancel->count)
        irsa_complain("%zu of %zu were sent to the workers", sent, cancel->count);
    if (irsa_interrupted())
        return IRSA_EXIT_INTERRUPTED;
    if (sent == cancel->count)
        return IRSA_EXIT_DONE;
    return sent > 0 ? IRSA_EXIT_PARTLY : IRSA_EXIT_BROKER;
}

enum irsa_exit irsa_run_cancel(struct irsa_session *session) {
    struct cancel cancel = {.session = session,
                            .topic =
                                irsa_topic_name(session->arena, session->settings.topics_prefix, IRSA_TOPIC_CONTROL)};
    struct irsa_error err;
    plan(&cancel);
    bool is_dry_run = session->arguments->is_dry_run;
    if (!has_choice(session->arguments, &err) || !write_all(&cancel, &err) ||
        (!is_dry_run && !irsa_session_has_broker(session, &err))) {
        irsa_complain("%s", err.message);
        return IRSA_EXIT_USAGE;
    }
    if (is_dry_run) {
        show(&cancel);
        irsa_say("nothing was sent");
        return IRSA_EXIT_DONE;
    }
    irsa_interrupt_catch();
    return send_all(&cancel);
}
