/*
 * An AWS client for tests.
 */
#include "tests/unit/aws_fixture.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"

#define ATTEMPT_MS 120000

struct aws_fixture f;

static bool fetch(void *self, struct irsa_credentials *out_credentials, struct irsa_error *err) {
    struct aws_fixture *fixture = self;
    fixture->fetches++;
    if (fixture->fetch_fails)
        return IRSA_FAIL(err, CREDENTIALS, "the source fails");
    *out_credentials = fixture->credentials;
    return true;
}

static void called(void *self, const struct irsa_called *call) {
    struct aws_fixture *fixture = self;
    irsa_text_addf(&fixture->told, "%s%s.%s=%d", fixture->told.length == 0 ? "" : " ", call->service, call->action,
                   call->status);
    fixture->last_code = call->code;
}

void aws_fixture_renew(void) {
    irsa_aws_free(f.aws);
    f.aws = irsa_aws_new(&f.options);
}

int aws_fixture_start(void **state) {
    (void)state;
    memset(&f, 0, sizeof f);
    f.arena = irsa_arena_new();
    fake_transport_init(&f.transport, f.arena);
    fake_clock_init(&f.clock);
    irsa_cancel_init(&f.cancel);
    irsa_text_init(&f.told, f.arena, 65536);
    f.credentials = (struct irsa_credentials){.access_key_id = "AKIDEXAMPLE",
                                              .secret_access_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
                                              .expires_ms = IRSA_NO_TIME};
    f.source = (struct irsa_credentials_source){fetch, &f};
    f.options = (struct irsa_aws_options){
        .transport = &f.transport.transport, .clock = &f.clock.clock, .credentials = &f.source};
    f.attempt = (struct irsa_attempt){.arena = f.arena,
                                      .clock = &f.clock.clock,
                                      .cancel = &f.cancel,
                                      .deadline_ms = f.clock.monotonic_ms + ATTEMPT_MS,
                                      .called = called,
                                      .self = &f};
    aws_fixture_renew();
    return 0;
}

int aws_fixture_stop(void **state) {
    (void)state;
    irsa_aws_free(f.aws);
    irsa_cancel_done(&f.cancel);
    irsa_arena_free(f.arena);
    return 0;
}
