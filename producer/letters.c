/*
 * Reading dead letters and what became of their keys since.
 */
#include "producer/letters.h"

#include <irsa/request.h>
#include <irsa/result.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/clock.h"
#include "core/base/glob.h"
#include "core/base/map.h"
#include "core/base/text.h"
#include "core/contract/event.h"
#include "core/contract/request.h"
#include "core/kafka/record.h"
#include "producer/since.h"
#include "producer/topic_read.h"

#define CLOCKS_MS 60000 /* by so much may clocks differ */

/* --- which are meant ------------------------------------------------------------------------------------------------------ */

struct collecting {
    const struct irsa_session *session;
    struct irsa_letters *letters;
    struct irsa_map *by_request; /* "source\nid" -> its slot in `letters` */
    size_t bytes;
};

static bool has(const struct irsa_strings *list, const char *text) {
    for (size_t i = 0; i < list->count; i++)
        if (irsa_text_equal(list->at[i], text))
            return true;
    return false;
}

static bool fits_a_glob(const struct irsa_strings *globs, const char *key) {
    for (size_t i = 0; i < globs->count; i++)
        if (irsa_glob_matches(globs->at[i], key))
            return true;
    return false;
}

static bool is_wanted(const struct irsa_session *session, const struct irsa_letter *letter) {
    const struct irsa_arguments *arguments = session->arguments;
    if (arguments->operands.count > 0 && !has(&arguments->operands, letter->event.id))
        return false;
    if (arguments->batch != NULL && !irsa_text_equal(arguments->batch, letter->event.correlation_id))
        return false;
    if (arguments->codes.count > 0 && !has(&arguments->codes, letter->dead.code))
        return false;
    return arguments->keys.count == 0 || fits_a_glob(&arguments->keys, letter->key);
}

/* Has it no attributes of its own? Then its id was made of its coordinates. */
static bool is_bare(struct irsa_arena *arena, const struct irsa_record *request, const struct irsa_event *event) {
    const char *id =
        irsa_arena_format(arena, "%s-%d-%lld", request->topic, (int)request->partition, (long long)request->offset);
    return irsa_record_header(request, "ce_id") == NULL && irsa_text_equal(event->id, id);
}

/* The request in a letter. */
static bool read_letter(struct irsa_arena *arena, const struct irsa_record *record, struct irsa_letter *out_letter,
                        struct irsa_error *err) {
    struct irsa_letter letter = {.time_ms = record->timestamp_ms};
    struct irsa_request request;
    struct irsa_error ignored;
    if (!irsa_dead_letter_decode(arena, record, &letter.dead, err))
        return false;
    bool is_valid = irsa_request_decode(arena, &letter.dead.record, &request, &ignored);
    letter.is_read = is_valid || ignored.code == IRSA_CODE_INVALID;
    letter.own_key = is_valid ? irsa_request_key(arena, &request) : NULL;
    letter.event = request.event;
    if (letter.is_read && is_bare(arena, &letter.dead.record, &letter.event))
        letter.type = irsa_request_type(request.action);
    letter.key = record->key == NULL ? "" : irsa_arena_copy_bytes(arena, record->key, record->key_length);
    *out_letter = letter;
    return true;
}

/* A place for the letter: that of an older one of the same request is given up. */
static bool keep(struct collecting *collecting, const struct irsa_letter *letter, struct irsa_error *err) {
    struct irsa_letters *letters = collecting->letters;
    struct irsa_arena *arena = collecting->session->arena;
    const char *name = irsa_arena_format(arena, "%s\n%s", letter->event.source, letter->event.id);
    if (letters->count == IRSA_LETTERS_MAX || collecting->bytes > IRSA_LETTERS_MAX_BYTES)
        return IRSA_FAIL(err, INVALID,
                         "more dead letters fit than can be handled at once (%d, %zu MiB): choose fewer by "
                         "--since, --batch, --code or --key",
                         IRSA_LETTERS_MAX, IRSA_LETTERS_MAX_BYTES / (1024 * 1024));
    struct irsa_letter *kept = IRSA_NEW(arena, struct irsa_letter);
    *kept = *letter;
    letters->at[letters->count++] = kept;
    struct irsa_letter **older =
        irsa_map_put(collecting->by_request, name, strlen(name), &letters->at[letters->count - 1]);
    if (older != NULL)
        *older = NULL;
    return true;
}

/* It is read in a short-lived arena first, since most are not meant. */
static bool take_letter(void *self, struct irsa_arena *arena, const struct irsa_record *record,
                        struct irsa_error *err) {
    struct collecting *collecting = self;
    struct irsa_letter letter;
    struct irsa_error ignored;
    if (!read_letter(arena, record, &letter, &ignored)) {
        collecting->letters->unread++;
        return true;
    }
    if (!is_wanted(collecting->session, &letter))
        return true;
    struct irsa_record copy = irsa_record_copy(collecting->session->arena, record);
    collecting->bytes += irsa_record_bytes(&copy);
    return read_letter(collecting->session->arena, &copy, &letter, err) && keep(collecting, &letter, err);
}

/* Close the gaps that replaced letters have left. */
static void close_gaps(struct irsa_letters *letters) {
    size_t kept = 0;
    for (size_t i = 0; i < letters->count; i++)
        if (letters->at[i] != NULL)
            letters->at[kept++] = letters->at[i];
    letters->count = kept;
}

bool irsa_letters_read(const struct irsa_session *session, struct irsa_letters *out_letters, struct irsa_error *err) {
    const struct irsa_strings *globs = &session->arguments->keys;
    int64_t since_ms;
    for (size_t i = 0; i < globs->count; i++)
        if (!irsa_glob_check(globs->at[i], err))
            return irsa_error_wrap(err, "--key");
    if (!irsa_since_parse(session->arguments->since, irsa_clock_now_ms(irsa_clock_system()), &since_ms, err))
        return false;
    struct collecting collecting = {.session = session, .letters = out_letters, .by_request = irsa_map_new()};
    *out_letters = (struct irsa_letters){.at = IRSA_NEW_ARRAY(session->arena, struct irsa_letter *, IRSA_LETTERS_MAX)};
    const struct irsa_topic_reading reading = {
        .topic = IRSA_TOPIC_DEAD_LETTERS, .since_ms = since_ms, .take = take_letter, .self = &collecting};
    bool is_fine = irsa_topic_read(session, &reading, err);
    irsa_map_free(collecting.by_request, NULL);
    close_gaps(out_letters);
    return is_fine;
}

/* --- which may be tried again --------------------------------------------------------------------------------------------- */

struct judging {
    struct irsa_map *by_key; /* chains of letters */
};

struct chain {
    struct irsa_letter *letter;
    struct chain *next;
};

/* "111122223333/us-west-2/cluster-13/apps/reader" -> behind the account: the key. */
static const char *key_of(const struct irsa_result *result) {
    const char *slash = result->subject == NULL ? NULL : strchr(result->subject, '/');
    return slash == NULL ? NULL : slash + 1;
}

static bool has_come_later(const struct irsa_result *result, const struct irsa_dead_letter *dead) {
    return result->partition == dead->record.partition && result->offset > dead->record.offset &&
           irsa_text_equal(result->topic, dead->record.topic);
}

static void hold_against(const struct irsa_result *result, struct irsa_letter *letter) {
    bool is_itself = irsa_text_equal(result->request_id, letter->event.id) &&
                     irsa_text_equal(result->request_source, letter->event.source);
    if (letter->why_not == NULL && is_itself)
        letter->why_not = "it has succeeded since";
    else if (letter->why_not == NULL && has_come_later(result, &letter->dead))
        letter->why_not = "a later request for the same service account has succeeded";
}

static bool take_result(void *self, struct irsa_arena *arena, const struct irsa_record *record,
                        struct irsa_error *err) {
    (void)err;
    struct judging *judging = self;
    struct irsa_result result;
    struct irsa_error ignored;
    if (!irsa_result_decode(arena, record, &result, &ignored) ||
        (result.outcome != IRSA_OUTCOME_SUCCEEDED && result.outcome != IRSA_OUTCOME_UNCHANGED))
        return true;
    const char *key = key_of(&result);
    const struct chain *chain = key == NULL ? NULL : irsa_map_find(judging->by_key, key, strlen(key));
    for (; chain != NULL; chain = chain->next)
        hold_against(&result, chain->letter);
    return true;
}

/* By their own keys. Returns from when on results matter. */
static int64_t list_keys(struct irsa_arena *arena, struct irsa_letters *letters, struct judging *judging) {
    int64_t oldest_ms = INT64_MAX;
    for (size_t i = 0; i < letters->count; i++) {
        struct irsa_letter *letter = letters->at[i];
        const char *key = letter->own_key;
        oldest_ms = letter->time_ms < oldest_ms ? letter->time_ms : oldest_ms;
        if (key == NULL)
            continue;
        struct chain *chain = IRSA_NEW(arena, struct chain);
        *chain = (struct chain){.letter = letter, .next = irsa_map_find(judging->by_key, key, strlen(key))};
        irsa_map_put(judging->by_key, key, strlen(key), chain);
    }
    return oldest_ms == INT64_MAX ? IRSA_NO_TIME : oldest_ms - CLOCKS_MS;
}

bool irsa_letters_judge(const struct irsa_session *session, struct irsa_letters *letters, struct irsa_error *err) {
    struct judging judging = {.by_key = irsa_map_new()};
    int64_t oldest_ms = list_keys(session->arena, letters, &judging);
    for (size_t i = 0; i < letters->count; i++) {
        struct irsa_letter *letter = letters->at[i];
        if (letter->dead.is_truncated)
            letter->why_not = "only its beginning is here";
        else if (!letter->is_read)
            letter->why_not = "it cannot be read, and would fail again";
    }
    const struct irsa_topic_reading reading = {
        .topic = IRSA_TOPIC_RESULTS, .since_ms = oldest_ms, .take = take_result, .self = &judging};
    bool is_fine = irsa_map_count(judging.by_key) == 0 || irsa_topic_read(session, &reading, err);
    irsa_map_free(judging.by_key, NULL);
    return is_fine;
}
