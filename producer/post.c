/*
 * The loop that hands records over and takes acknowledgements.
 */
#include "producer/post.h"

#include "core/base/arena.h"
#include "core/base/clock.h"
#include "core/kafka/producer.h"
#include "producer/interrupt.h"

#define SERVE_MS 50 /* the longest wait in one go, so that Ctrl-C is noticed */

struct posting {
    const struct irsa_session *session;
    struct irsa_producer *producer;
    int64_t heard_ms; /* of the last acknowledgement, or when there was nothing to acknowledge */
};

static int64_t now_ms(void) {
    return irsa_clock_monotonic_ms(irsa_clock_system());
}

static void refuse(const struct posting *posting, struct irsa_post *post, const struct irsa_error *err) {
    post->state = IRSA_POST_REFUSED;
    post->why = irsa_arena_copy(posting->session->arena, err->message);
}

static void on_delivery(void *self, const struct irsa_delivery *delivery) {
    struct posting *posting = self;
    struct irsa_post *post = delivery->tag;
    posting->heard_ms = now_ms();
    post->state = IRSA_POST_SENT;
    if (delivery->err != NULL)
        refuse(posting, post, delivery->err);
}

/* Serve until something can go on; false when the broker has been silent for too long, or we were interrupted. */
static bool is_moving(struct posting *posting) {
    irsa_producer_serve(posting->producer, SERVE_MS);
    return !irsa_interrupted() && now_ms() - posting->heard_ms < posting->session->settings.broker_timeout_ms;
}

/* False: there is no point in going on with the next one. */
static bool send_one(struct posting *posting, struct irsa_post *post) {
    struct irsa_error err;
    if (irsa_producer_outstanding(posting->producer) == 0)
        posting->heard_ms = now_ms();
    while (!irsa_producer_send(posting->producer, &post->record, post, &err)) {
        if (irsa_producer_is_full(&err) && is_moving(posting))
            continue;
        refuse(posting, post, &err);
        return err.code == IRSA_CODE_TOO_LARGE;
    }
    return true;
}

bool irsa_post_all(const struct irsa_session *session, struct irsa_post *posts, size_t count, struct irsa_error *err) {
    struct posting posting = {.session = session};
    const struct irsa_producer_options options = {.kafka = session->kafka, .delivered = on_delivery, .self = &posting};
    bool is_going = true;
    posting.producer = irsa_producer_open(&options, err);
    if (posting.producer == NULL)
        return false;
    for (size_t i = 0; is_going && i < count; i++)
        is_going = send_one(&posting, &posts[i]) && !irsa_interrupted();
    while (irsa_producer_outstanding(posting.producer) > 0 && is_moving(&posting)) {
        // on_delivery() writes down what comes
    }
    irsa_producer_close(posting.producer);
    return true;
}
