/*
 * The objects of a cluster: what every new one holds, resource versions.
 */
#ifndef IRSA_SANDBOX_KUBE_OBJECTS_H
#define IRSA_SANDBOX_KUBE_OBJECTS_H

#include "sandbox/world.h"

/* The namespaces that every cluster has: default, kube-node-lease, kube-public, kube-system. */
void irsa_sandbox_objects_begin(struct irsa_sandbox_cluster *cluster, int64_t now_ms);

#endif
