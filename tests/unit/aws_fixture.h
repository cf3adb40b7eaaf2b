/*
 * An AWS client on a fake transport, a fake clock and made-up credentials, with an attempt that notes what is told of it.
 */
#ifndef IRSA_TESTS_AWS_FIXTURE_H
#define IRSA_TESTS_AWS_FIXTURE_H

#include "core/aws/aws.h"
#include "core/base/text.h"
#include "tests/unit/fake_transport.h"

struct aws_fixture {
    struct irsa_arena *arena;
    struct fake_transport transport;
    struct fake_clock clock;
    struct irsa_credentials_source source;
    struct irsa_credentials credentials; /* what the source gives */
    unsigned fetches;
    bool fetch_fails;
    struct irsa_aws_options options;
    struct irsa_aws *aws;
    struct irsa_cancel cancel;
    struct irsa_attempt attempt;
    struct irsa_text told;    /* "iam.GetRole=200 …" */
    enum irsa_code last_code; /* of the last call told of */
    struct irsa_error err;
};

/* The one fixture of a test program; cmocka's set-up and tear-down of a case. */
extern struct aws_fixture f;
int aws_fixture_start(void **state);
int aws_fixture_stop(void **state);

/* Make the client anew after f.options was changed. */
void aws_fixture_renew(void);

/* The answers to come. */
#define ANSWER(...)                                                                                                    \
    do {                                                                                                               \
        static const struct fake_answer answers[] = {__VA_ARGS__};                                                     \
        fake_transport_answers(&f.transport, answers, sizeof answers / sizeof *answers);                               \
    } while (0)

/* <ErrorResponse> of IAM and STS. */
#define XML_ERROR(code, message)                                                                                       \
    "<ErrorResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><Error><Type>Sender</Type><Code>" code         \
    "</Code><Message>" message "</Message></Error><RequestId>r</RequestId></ErrorResponse>"

#define CASE(name) cmocka_unit_test_setup_teardown(name, aws_fixture_start, aws_fixture_stop)

#endif
