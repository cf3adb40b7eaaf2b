/*
 * Drawing, writing and reading scripts: all three walk one table of a step's members.
 */
#include "tests/support/model_script.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>

#include "tests/support/seed.h"

static const struct {
    const char *word;
    unsigned weight;
} KINDS[MODEL_KINDS] = {
#define MODEL_KIND_ROW(kind, word, weight) {word, weight},
    MODEL_KIND_TABLE(MODEL_KIND_ROW)
#undef MODEL_KIND_ROW
};

static const char *const WHO[MODEL_WHO] = {"reader", "writer", "reader-14", "reader-gone"};

/* clang-format off */
static const struct {
    const char *word;
    size_t offset;
} MEMBERS[] = {
#define MEMBER(word, member) {word, offsetof(struct model_step, member)}
    MEMBER("what", what), MEMBER("managed", managed), MEMBER("inline", inline_policy), MEMBER("wellKnown", well_known),
    MEMBER("boundary", boundary), MEMBER("pattern", pattern), MEMBER("tags", tags), MEMBER("labels", labels),
    MEMBER("annotations", notes), MEMBER("roleName", role_name), MEMBER("roleOnly", role_only),
    MEMBER("attachRole", attach_role), MEMBER("override", override), MEMBER("adopt", adopt),
    MEMBER("withOIDC", with_oidc), MEMBER("dryRun", dry_run), MEMBER("clusterGone", gone), MEMBER("expect", expect),
    MEMBER("fault", fault), MEMBER("dies", dies), MEMBER("meddle", meddle), MEMBER("at", at), MEMBER("back", back),
    MEMBER("ms", ms),
};
/* clang-format on */

unsigned *model_step_member(struct model_step *step, size_t i) {
    return i < COUNT_OF(MEMBERS) ? (unsigned *)(void *)((char *)step + MEMBERS[i].offset) : NULL;
}

bool model_is_request(const struct model_step *step) {
    return step->kind <= MODEL_AGAIN;
}

static bool is_valid(const struct model_step *step) {
    bool has_policies = (step->managed & 31) != 0 || step->inline_policy != 0 || step->well_known != 0;
    bool has_more = step->managed != 0 || step->boundary != 0 || step->pattern != 0 || step->tags != 0;
    bool has_fields = step->labels != 0 || step->notes != 0;
    if (step->kind == MODEL_CREATE)
        return step->attach_role ? !has_policies && !has_more : has_policies;
    return step->kind != MODEL_UPDATE || has_policies || has_more || has_fields;
}

bool model_script_is_valid(const struct model_script *script) {
    for (size_t i = 0; i < script->count; i++)
        if (!is_valid(&script->steps[i]))
            return false;
    return true;
}

/* --- drawing -------------------------------------------------------------------------------------------------------- */

static bool one_in(uint64_t *state, unsigned n) {
    return test_below(state, n) == 0;
}

static unsigned draw_kind(uint64_t *state) {
    unsigned sum = 0, kind = 0;
    for (size_t i = 0; i < MODEL_KINDS; i++)
        sum += KINDS[i].weight;
    unsigned at = test_below(state, sum);
    while (at >= KINDS[kind].weight)
        at -= KINDS[kind++].weight;
    return kind;
}

/* Most requests speak of the first account, so that histories meet. */
static unsigned draw_who(uint64_t *state) {
    static const unsigned CHOICES[] = {0, 0, 0, 1, 1, 2, 2, MODEL_GONE};
    return CHOICES[test_below(state, COUNT_OF(CHOICES))];
}

/* 0 with a chance of one half, else 1 to `most`. */
static unsigned maybe(uint64_t *state, unsigned most) {
    return one_in(state, 2) ? 1 + test_below(state, most) : 0;
}

static void draw_wishes(struct model_step *step, uint64_t *state) {
    step->managed = maybe(state, 31);
    step->inline_policy = maybe(state, 2);
    step->well_known = one_in(state, 3) ? 1 + test_below(state, 3) : 0;
    step->boundary = one_in(state, 4) ? 1 + test_below(state, 2) : 0;
    step->pattern = one_in(state, 4) ? 1 + test_below(state, 2) : 0;
    step->tags = one_in(state, 3) ? 1 + test_below(state, 2) : 0;
    step->labels = one_in(state, 3) ? 1 + test_below(state, 2) : 0;
    step->notes = one_in(state, 3) ? 1 + test_below(state, 2) : 0;
    step->override = one_in(state, 3);
    step->adopt = one_in(state, 3);
    step->attach_role = step->kind == MODEL_CREATE && one_in(state, 12);
    bool says_something = (step->managed | step->inline_policy | step->well_known) != 0;
    if (!says_something)
        step->managed = 1 + test_below(state, 31);
    if (step->kind == MODEL_UPDATE && one_in(state, 10))
        step->managed = 32; /* an empty list */
    if (!step->attach_role)
        return;
    step->managed = step->inline_policy = step->well_known = step->boundary = step->pattern = step->tags = 0;
}

static void draw_trouble(struct model_step *step, uint64_t *state) {
    if (one_in(state, 6)) {
        step->fault = 1 + test_below(state, 4);
        step->dies = step->fault < 4 && one_in(state, 2);
    } else if (one_in(state, 6)) {
        step->meddle = 1 + test_below(state, MODEL_MEDDLINGS - 1);
    }
    if (step->fault != 0 || step->meddle != 0)
        step->at = 1 + test_below(state, 14);
}

static void draw_request(struct model_step *step, uint64_t *state) {
    bool is_pair = step->kind != MODEL_ASSOCIATE;
    bool is_wish = step->kind == MODEL_CREATE || step->kind == MODEL_UPDATE;
    if (is_wish)
        draw_wishes(step, state);
    else if (step->kind == MODEL_DELETE)
        step->expect = one_in(state, 4) ? 1 + test_below(state, 2) : 0;
    step->with_oidc = is_wish && !one_in(state, 4);
    step->dry_run = one_in(state, 10);
    step->role_name = is_pair && !step->attach_role && one_in(state, 4);
    step->role_only = is_pair && !step->attach_role && one_in(state, 12);
    step->gone = step->kind == MODEL_DELETE && one_in(state, step->who == MODEL_GONE ? 2 : 12);
    if (!step->dry_run)
        draw_trouble(step, state);
}

static unsigned draw_ms(unsigned kind, uint64_t *state) {
    static const unsigned WAITS[] = {1000, 10000, 70000, 400000}, LAGS[] = {0, 1000, 4000};
    return kind == MODEL_WAIT ? WAITS[test_below(state, COUNT_OF(WAITS))] : LAGS[test_below(state, COUNT_OF(LAGS))];
}

static struct model_step draw_step(uint64_t *state) {
    struct model_step step = {.kind = draw_kind(state), .who = draw_who(state)};
    if (step.kind == MODEL_AGAIN)
        step.back = test_below(state, 6);
    else if (model_is_request(&step))
        draw_request(&step, state);
    else if (step.kind == MODEL_WAIT || step.kind == MODEL_LAG)
        step.ms = draw_ms(step.kind, state);
    else
        step.what = test_below(state, 16);
    if (step.kind >= MODEL_ATTACH && step.kind <= MODEL_REMAKE_ROLE)
        step.role_name = one_in(state, 3);
    return step;
}

void model_script_draw(struct model_script *script, uint64_t seed) {
    uint64_t state = seed;
    script->count = 8 + test_below(&state, MODEL_MAX_STEPS - 24);
    for (size_t i = 0; i < script->count; i++)
        script->steps[i] = draw_step(&state);
}

/* --- text ----------------------------------------------------------------------------------------------------------- */

static bool has_who(unsigned kind) {
    return kind != MODEL_AGAIN && kind < MODEL_PAGE;
}

static void write_step(struct model_step *step, struct irsa_text *out) {
    irsa_text_add(out, KINDS[step->kind].word);
    if (has_who(step->kind))
        irsa_text_addf(out, " %s", WHO[step->who]);
    for (size_t i = 0; i < COUNT_OF(MEMBERS); i++)
        if (*model_step_member(step, i) != 0)
            irsa_text_addf(out, " %s=%u", MEMBERS[i].word, *model_step_member(step, i));
    irsa_text_add(out, "\n");
}

void model_script_write(const struct model_script *script, struct irsa_text *out) {
    for (size_t i = 0; i < script->count; i++) {
        struct model_step step = script->steps[i];
        write_step(&step, out);
    }
}

static bool read_assignment(struct model_step *step, const char *word) {
    for (size_t i = 0; i < COUNT_OF(MEMBERS); i++) {
        size_t length = strlen(MEMBERS[i].word);
        int64_t value;
        if (strncmp(word, MEMBERS[i].word, length) != 0 || word[length] != '=')
            continue;
        if (!irsa_text_to_integer(word + length + 1, 0, 3600000, &value))
            return false;
        *model_step_member(step, i) = (unsigned)value;
        return true;
    }
    return false;
}

/* A kind begins a step; what follows belongs to it. */
static bool read_word(struct model_script *script, const char *word) {
    for (unsigned kind = 0; kind < MODEL_KINDS; kind++)
        if (strcmp(KINDS[kind].word, word) == 0) {
            if (script->count == MODEL_MAX_STEPS)
                return false;
            script->steps[script->count++] = (struct model_step){.kind = kind};
            return true;
        }
    if (script->count == 0)
        return false;
    struct model_step *step = &script->steps[script->count - 1];
    for (unsigned who = 0; who < MODEL_WHO; who++)
        if (strcmp(WHO[who], word) == 0) {
            step->who = who;
            return true;
        }
    return read_assignment(step, word);
}

bool model_script_read(struct model_script *script, const char *text, char out_word[64]) {
    *script = (struct model_script){.count = 0};
    for (const char *at = text; *at != '\0';) {
        size_t length = 0;
        while (at[length] != '\0' && !isspace((unsigned char)at[length]))
            length++;
        (void)snprintf(out_word, 64, "%.*s", (int)length, at);
        if (length > 0 && !read_word(script, out_word))
            return false;
        at += length;
        at += *at != '\0';
    }
    return true;
}
