/*
 * Exit codes of irsactl. They are a contract with scripts: docs/irsactl.md lists them from the same table.
 */
#ifndef IRSA_PRODUCER_EXIT_H
#define IRSA_PRODUCER_EXIT_H

/* ROW(NAME, code, meaning) */
/* clang-format off */
#define IRSA_EXIT_TABLE(ROW)                                                                             \
    ROW(DONE,        0,   "all done; with --wait: every request ended well")                             \
    ROW(FAILED,      1,   "with --wait: some requests failed, were denied or expired; else: a check failed") \
    ROW(USAGE,       2,   "the command line or a setting is wrong; nothing was sent")                    \
    ROW(INVALID,     3,   "the input breaks a rule; nothing was sent")                                   \
    ROW(BROKER,      4,   "the broker cannot be reached or refuses us; nothing was enqueued")            \
    ROW(PARTLY,      5,   "some requests were enqueued, others were not; they are listed")               \
    ROW(TIMEOUT,     124, "--wait came to its end before every request had its result")                 \
    ROW(INTERRUPTED, 130, "stopped by Ctrl-C or SIGTERM; what is enqueued goes on")
/* clang-format on */

enum irsa_exit {
#define IRSA_EXIT_ROW(name, code, meaning) IRSA_EXIT_##name = (code),
    IRSA_EXIT_TABLE(IRSA_EXIT_ROW)
#undef IRSA_EXIT_ROW
};

#endif
