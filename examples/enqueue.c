/*
 * Ask for one service account from C.
 *
 *     cc enqueue.c $(pkg-config --cflags --libs irsa) -o enqueue
 *     ./enqueue localhost:9092
 *
 * Prints where the request went; a worker's answer will be in the topic irsa.results, under the same id.
 */
#include <stdio.h>
#include <stdlib.h>

#include <irsa/enqueue.h>

static void on_acknowledged(void *self, const struct irsa_receipt *receipt) {
    (void)self;
    if (receipt->error == NULL)
        printf("%s: partition %d, offset %lld\n", receipt->id, (int)receipt->partition, (long long)receipt->offset);
    else
        fprintf(stderr, "%s: %s\n", receipt->id, receipt->error->message);
}

int main(int argc, char **argv) {
    const char *const policies[] = {"arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"};
    const struct irsa_request request = {
        .action = IRSA_ACTION_CREATE,
        .cluster = {.name = "cluster-13", .region = "us-west-2"},
        .service_account = {.name = "s3-reader", .namespace_name = "backend-apps", .attach_policy_arns = {policies, 1}},
        .options = {.with_oidc = true},
    };
    const struct irsa_pair kafka[] = {{"bootstrap.servers", argc > 1 ? argv[1] : "localhost:9092"}};
    const struct irsa_enqueuer_options options = {.kafka = {kafka, 1}, .acknowledged = on_acknowledged};

    struct irsa_error err;
    struct irsa_enqueuer *enqueuer = irsa_enqueuer_open(&options, &err);
    bool is_done =
        enqueuer != NULL && irsa_enqueue(enqueuer, &request, NULL, &err) && irsa_enqueuer_flush(enqueuer, 30000, &err);
    if (!is_done)
        fprintf(stderr, "enqueue: %s (%s)\n", err.message, irsa_code_name(err.code));
    irsa_enqueuer_close(enqueuer);
    return is_done ? EXIT_SUCCESS : EXIT_FAILURE;
}
