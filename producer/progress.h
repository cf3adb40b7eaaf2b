/*
 * How far a batch is, while a person waits: a bar on a terminal, a line every few seconds otherwise.
 */
#ifndef IRSA_PRODUCER_PROGRESS_H
#define IRSA_PRODUCER_PROGRESS_H

#include <irsa/result.h>

#include "core/base/text.h"

struct irsa_tally {
    size_t expected;
    size_t settled;                      /* have a final result */
    size_t failed;                       /* of these: did not end well */
    size_t retrying;                     /* not settled, and a worker has tried */
    size_t outcomes[IRSA_OUTCOME_COUNT]; /* of the settled ones */
};

/* Did a request with this final outcome end as its sender wanted? */
bool irsa_outcome_is_good(enum irsa_outcome outcome);

struct irsa_progress {
    int64_t started_ms;
    int64_t shown_ms;
};

/* `now_ms` is monotonic. */
void irsa_progress_start(struct irsa_progress *progress, int64_t now_ms);
void irsa_progress_show(struct irsa_progress *progress, const struct irsa_tally *tally, int64_t now_ms);

/* "120 done, 2 failed, 1 retrying, 377 queued, 41/s, 9s left"; what is nought is left out, but not "done". */
void irsa_progress_write(struct irsa_text *out, const struct irsa_tally *tally, int64_t elapsed_ms);

/* "[#####-----]", `width` characters with its brackets. */
void irsa_progress_write_bar(struct irsa_text *out, const struct irsa_tally *tally, unsigned width);

/* "498 succeeded, 2 failed": every outcome that there is. */
void irsa_tally_write(struct irsa_text *out, const struct irsa_tally *tally);

/* "850ms", "12.3s", "4m05s", "2h03m". */
void irsa_duration_write(struct irsa_text *out, int64_t duration_ms);

#endif
