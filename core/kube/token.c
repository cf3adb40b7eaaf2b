/*
 * The bearer token of an EKS cluster (aws-iam-authenticator, pkg/token).
 */
#include <string.h>

#include "core/aws/sts.h"
#include "core/base/crypto.h"
#include "core/kube/kube.h"

#define PREFIX          "k8s-aws-v1."
#define MAX_TOKEN_BYTES 4096

bool irsa_kube_token(struct irsa_aws *aws, struct irsa_arena *arena, const char *region, const char *cluster,
                     const char **out_token, struct irsa_error *err) {
    const char *url;
    if (!irsa_sts_presign_for_cluster(aws, arena, region, cluster, &url, err))
        return false;
    const char *encoded = irsa_base64_encode(arena, IRSA_BASE64_URL, url, strlen(url));
    if (strlen(encoded) + strlen(PREFIX) > MAX_TOKEN_BYTES) {
        IRSA_FAIL(err, INVALID,
                  "the token for cluster %s is over the %d bytes that EKS takes: the session token of the "
                  "credentials is too long",
                  cluster, MAX_TOKEN_BYTES);
        return irsa_error_from(err, "kubernetes", NULL);
    }
    *out_token = irsa_arena_format(arena, PREFIX "%s", encoded);
    return true;
}
