/*
 * The provisioner: its clients and caches, the rounds of one request, and what the result says of them.
 */
#include "core/provision/provision.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "core/provision/identity.h"
#include "core/provision/work.h"

#define DEFAULT_OWNER     "irsa"
#define DEFAULT_ROLE_PATH "/irsa/{region}/{cluster}/"

static const char *const DEFAULT_PROTECTED[] = {"AWSCompromisedKeyQuarantine*", "AWSDenyAll"};

struct irsa_provisioner {
    struct irsa_aws *aws;
    char *owner, *role_path;
    struct irsa_strings protected_policies;
    struct irsa_places *places;
    struct irsa_identity *identity;
};

struct irsa_provisioner *irsa_provisioner_new(const struct irsa_provisioner_options *options) {
    struct irsa_provisioner *provisioner = irsa_new(sizeof *provisioner);
    const struct irsa_places_options places = {
        .aws = options->aws, .transport = options->transport, .clock = options->clock};
    provisioner->aws = options->aws;
    provisioner->owner = irsa_new_copy(options->owner != NULL ? options->owner : DEFAULT_OWNER);
    provisioner->role_path = irsa_new_copy(options->role_path != NULL ? options->role_path : DEFAULT_ROLE_PATH);
    provisioner->protected_policies = options->protected_policies;
    if (options->protected_policies.at == NULL)
        provisioner->protected_policies = (struct irsa_strings){
            .at = DEFAULT_PROTECTED, .count = sizeof DEFAULT_PROTECTED / sizeof *DEFAULT_PROTECTED};
    provisioner->places = irsa_places_new(&places);
    provisioner->identity = irsa_identity_new(options->aws, options->region, options->clock);
    return provisioner;
}

void irsa_provisioner_free(struct irsa_provisioner *provisioner) {
    if (provisioner == NULL)
        return;
    irsa_identity_free(provisioner->identity);
    irsa_places_free(provisioner->places);
    free(provisioner->owner);
    free(provisioner->role_path);
    free(provisioner);
}

/* --- who we are ---------------------------------------------------------------------------------------------------- */

bool irsa_provisioner_account(struct irsa_provisioner *provisioner, struct irsa_attempt *attempt,
                              const char **out_account_id, struct irsa_error *err) {
    struct irsa_worker_identity identity;
    if (!irsa_identity_get(provisioner->identity, attempt, &identity, err))
        return false;
    *out_account_id = irsa_arena_copy(attempt->arena, identity.account_id);
    return true;
}

/* --- helpers of the actions ----------------------------------------------------------------------------------------- */

struct irsa_planning irsa_work_planning(const struct irsa_work *work) {
    return (struct irsa_planning){.desired = &work->desired,
                                  .observed = &work->observed,
                                  .options = &work->request->options,
                                  .protected_policies = work->provisioner->protected_policies};
}

bool irsa_work_is_superseded(struct irsa_work *work) {
    work->superseded_by = irsa_superseded_by(work->attempt->arena, &work->observed, work->mark);
    return work->superseded_by != NULL;
}

/* With the cluster's name and its region. */
#define OIDC_CURE                                                                                                      \
    "set withOIDC (--with-oidc), or run irsactl utils associate-iam-oidc-provider --cluster %s --region %s"

bool irsa_work_observe_provider(struct irsa_work *work, struct irsa_error *err) {
    struct irsa_provider_state *provider = &work->observed.provider;
    bool will_mend = work->request->options.with_oidc || work->request->action == IRSA_ACTION_ASSOCIATE_OIDC;
    if (!irsa_visit_provider(&work->visit, will_mend, provider, err))
        return irsa_error_wrap(err, "OIDC provider %s", work->visit.place->provider_arn);
    if (will_mend)
        return true;
    if (provider->presence == IRSA_ABSENT)
        return IRSA_FAIL(err, OIDC_PROVIDER_MISSING, "cluster %s has no OIDC provider in IAM (%s): " OIDC_CURE,
                         work->visit.place->cluster, work->visit.place->provider_arn, work->visit.place->cluster,
                         work->visit.place->region);
    if (!provider->has_audience)
        return IRSA_FAIL(err, OIDC_PROVIDER_MISSING,
                         "OIDC provider %s lacks the audience " IRSA_AUDIENCE ": " OIDC_CURE,
                         work->visit.place->provider_arn, work->visit.place->cluster, work->visit.place->region);
    return true;
}

static bool check_account(const struct irsa_work *work, struct irsa_error *err) {
    const char *asked = work->request->cluster.account_id;
    if (asked == NULL || strcmp(asked, work->visit.place->account_id) == 0)
        return true;
    IRSA_FAIL(err, INVALID, "cluster %s is in account %s, not in %s: correct accountID, or leave it out",
              work->visit.place->cluster, work->visit.place->account_id, asked);
    return irsa_error_at(err, "/cluster/accountID");
}

/* From the request and the facts of the place; made anew when the place turns out to be another one. */
static bool make_desired(struct irsa_work *work, struct irsa_error *err) {
    if (!check_account(work, err))
        return false;
    const struct irsa_desire desire = {.request = work->request,
                                       .place = work->visit.place,
                                       .mark = work->mark,
                                       .owner = work->provisioner->owner,
                                       .role_path = work->provisioner->role_path};
    return irsa_desired_make(work->attempt->arena, &desire, &work->desired, err);
}

bool irsa_work_refuse_instance_profile(struct irsa_work *work, struct irsa_error *err) {
    struct irsa_strings profiles;
    const char *name = work->observed.role.name;
    if (!irsa_iam_list_instance_profiles(irsa_visit_iam(&work->visit), work->attempt, name, &profiles, err)) {
        work->observed.has_lost_role = err->code == IRSA_CODE_NOT_FOUND;
        return irsa_error_wrap(err, "instance profiles of role %s", name);
    }
    if (profiles.count == 0)
        return true;
    return IRSA_FAIL(err, CONFLICT, "role %s is in the instance profile %s and serves EC2 instances: it is left alone",
                     name, profiles.at[0]);
}

bool irsa_work_refuse_own_role(struct irsa_work *work, struct irsa_error *err) {
    const char *name = work->observed.role.name;
    struct irsa_worker_identity identity;
    if (!irsa_identity_get(work->provisioner->identity, work->attempt, &identity, err))
        return irsa_error_wrap(err, "the worker's own role");
    if (!irsa_text_equal_ignoring_case(name, identity.role_name))
        return true;
    return IRSA_FAIL(err, CONFLICT, "role %s is this worker's own and is not adopted: give the service account another",
                     name);
}

/* --- rounds --------------------------------------------------------------------------------------------------------- */

static const struct irsa_action_rules *rules_of(enum irsa_action action) {
    switch (action) {
    case IRSA_ACTION_CREATE:
        return &irsa_rules_create;
    case IRSA_ACTION_UPDATE:
        return &irsa_rules_update;
    case IRSA_ACTION_DELETE:
        return &irsa_rules_delete;
    case IRSA_ACTION_ASSOCIATE_OIDC:
        return &irsa_rules_associate;
    case IRSA_ACTION_COUNT:
        break;
    }
    return NULL;
}

/* A dry run notes its steps as the changes that they would be. */
static void note_plan(struct irsa_work *work) {
    for (size_t i = 0; i < work->plan.count; i++) {
        const struct irsa_step step = {
            .name = irsa_step_name(work->plan.steps[i].kind), .target = work->plan.steps[i].target, .changed = true};
        irsa_progress_note(&work->progress, work->attempt->arena, &step);
    }
}

static enum irsa_applied round_once(struct irsa_work *work, struct irsa_error *err) {
    const struct irsa_action_rules *rules = rules_of(work->request->action);
    work->observed = (struct irsa_observed){0};
    if (!rules->observe(work, err))
        return work->observed.has_lost_role ? IRSA_APPLY_LOOK_ANEW : IRSA_APPLY_FAILED;
    if (work->superseded_by != NULL)
        return IRSA_APPLIED;
    irsa_plan_init(&work->plan, work->attempt->arena);
    if (!rules->plan(work, err))
        return IRSA_APPLY_FAILED;
    if (work->request->options.dry_run) {
        note_plan(work);
        return IRSA_APPLIED;
    }
    return irsa_apply(&work->visit, &work->desired, &work->plan, &work->progress, err);
}

/*
 * The role that a round found may be gone in the next, and its name and path are none to create by. A delete goes on with the
 * role that it began with.
 */
static bool forget_found_role(struct irsa_work *work, struct irsa_error *err) {
    return work->request->action == IRSA_ACTION_DELETE || make_desired(work, err);
}

/* The cluster was re-created behind the same name, or its token went stale: worth one new look at EKS. */
static bool may_be_another_cluster(const struct irsa_error *err) {
    return strcmp(err->upstream, "TLS") == 0 || strcmp(err->upstream, "Unauthorized") == 0;
}

static bool run_rounds(struct irsa_work *work, struct irsa_error *err) {
    bool has_renewed = false;
    for (int round = 0; round < IRSA_MAX_ROUNDS; round++) {
        enum irsa_applied applied = round_once(work, err);
        if (applied == IRSA_APPLIED)
            return true;
        if (applied == IRSA_APPLY_LOOK_ANEW) {
            work->surprise = *err;
            if (!forget_found_role(work, err))
                return false;
            continue;
        }
        if (!may_be_another_cluster(err) || has_renewed || work->request->options.cluster_gone)
            return false;
        has_renewed = true;
        if (!irsa_visit_renew(&work->visit, &work->request->cluster, err) || !make_desired(work, err))
            return false;
    }
    IRSA_FAIL(err, UNAVAILABLE, "service account %s keeps changing while it is worked on; last: %s",
              work->desired.service_account, work->surprise.message);
    return irsa_error_from(err, work->surprise.service, work->surprise.upstream);
}

/* --- the result ------------------------------------------------------------------------------------------------------ */

static enum irsa_outcome outcome_of(const struct irsa_work *work) {
    if (work->superseded_by != NULL)
        return IRSA_OUTCOME_SUPERSEDED;
    if (work->request->options.dry_run)
        return IRSA_OUTCOME_PLANNED;
    return work->progress.has_changed ? IRSA_OUTCOME_SUCCEEDED : IRSA_OUTCOME_UNCHANGED;
}

static struct irsa_strings notes_of(const struct irsa_work *work) {
    static const char *const RESTART[] = {"pods-need-restart"};
    return (struct irsa_strings){.at = RESTART, .count = work->progress.wants_restart ? 1 : 0};
}

static const char *first_text(const char *a, const char *b) {
    return a != NULL ? a : b;
}

/* What is known of the pair, after success and after failure alike. */
static void fill_result(const struct irsa_work *work, bool is_done, struct irsa_result *out_result) {
    const struct irsa_observed *observed = &work->observed;
    const struct irsa_place *place = work->visit.place;
    bool has_role = observed->role_presence == IRSA_PRESENT;
    out_result->steps = work->progress.steps;
    out_result->step_count = work->progress.count;
    out_result->foreign = (struct irsa_strings){.at = work->plan.foreign, .count = work->plan.foreign_count};
    out_result->notes = notes_of(work);
    out_result->role_arn = first_text(work->progress.role_arn, has_role ? observed->role.arn : NULL);
    if (out_result->role_arn == NULL && is_done && !work->desired.has_role)
        out_result->role_arn = work->desired.role_arn;
    out_result->role_id = first_text(work->progress.role_id, has_role ? observed->role.role_id : NULL);
    out_result->service_account_uid = first_text(
        work->progress.service_account_uid, observed->account_presence == IRSA_PRESENT ? observed->account.uid : NULL);
    if (place != NULL) {
        out_result->account_id = irsa_arena_copy(work->attempt->arena, place->account_id);
        if (place->issuer != NULL)
            out_result->issuer = irsa_arena_format(work->attempt->arena, "https://%s", place->issuer);
    }
    if (is_done && work->superseded_by == NULL && !work->request->options.dry_run)
        out_result->observed = work->is_gone ? IRSA_STATE_ABSENT : IRSA_STATE_PRESENT;
}

/* What a cluster that is gone has left can only be in the account that our credentials lead to. */
static bool enter_gone(struct irsa_work *work, struct irsa_error *err) {
    const struct irsa_cluster_name *cluster = &work->request->cluster;
    const char *own;
    if (!irsa_provisioner_account(work->provisioner, work->attempt, &own, err)) {
        irsa_error_wrap(err, "the account of cluster %s", cluster->name);
        return false;
    }
    if (cluster->account_id != NULL && strcmp(cluster->account_id, own) != 0) {
        IRSA_FAIL(err, INVALID, "this worker works in account %s, not in %s", own, cluster->account_id);
        irsa_error_at(err, "/cluster/accountID");
        return false;
    }
    return irsa_visit_enter_gone(&work->visit, work->provisioner->places, work->attempt, cluster, own, err);
}

static bool enter(struct irsa_work *work, struct irsa_error *err) {
    if (work->request->options.cluster_gone)
        return enter_gone(work, err);
    return irsa_visit_enter(&work->visit, work->provisioner->places, work->attempt, &work->request->cluster, err);
}

static bool run(struct irsa_work *work, struct irsa_error *err) {
    if (make_desired(work, err) && run_rounds(work, err))
        return true;
    if (err->code == IRSA_CODE_QUOTA)
        irsa_work_explain_quota(work, err);
    return false;
}

/*
 * In a region that is not enabled for the account, and in another partition, EKS says of good credentials that they are none;
 * and a partition may lack the kind of endpoint that the settings ask for. A request that names such a region must not halt
 * a worker that is fit: STS, where the worker is at home, knows better.
 */
static void blame_region(const struct irsa_work *work, struct irsa_error *err) {
    const struct irsa_cluster_name *cluster = &work->request->cluster;
    if (irsa_code_fate(err->code) != IRSA_FATE_HALT || strcmp(err->service, "eks") != 0 ||
        !irsa_identity_is_accepted(work->provisioner->identity, work->attempt))
        return;
    err->code = err->code == IRSA_CODE_CREDENTIALS ? IRSA_CODE_ACCESS_DENIED : IRSA_CODE_INVALID;
    irsa_error_wrap(err,
                    "region %s of cluster %s is not open to this worker, whose credentials and settings are good: "
                    "correct it, or enable it for the account",
                    cluster->region, cluster->name);
}

bool irsa_provision(struct irsa_provisioner *provisioner, struct irsa_attempt *attempt,
                    const struct irsa_request *request, const struct irsa_mark *mark, struct irsa_result *out_result,
                    struct irsa_error *err) {
    struct irsa_work *work = IRSA_NEW(attempt->arena, struct irsa_work);
    *work = (struct irsa_work){.provisioner = provisioner, .attempt = attempt, .request = request, .mark = mark};
    if (!enter(work, err)) {
        blame_region(work, err);
        return false;
    }
    bool is_done = run(work, err);
    if (!is_done)
        blame_region(work, err);
    fill_result(work, is_done, out_result);
    if (is_done)
        out_result->outcome = outcome_of(work);
    irsa_visit_leave(&work->visit);
    return is_done;
}
