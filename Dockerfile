# One build, three images that share all their layers: worker (the last, so the default), irsactl, sandbox.
#
#   docker build -t irsa-worker .
#   docker build -t irsactl --target irsactl .
#   docker build -t irsa-sandbox --target sandbox .
#
# docs/containers.md says how to run them.

FROM debian:12-slim AS build

# The packages that ./dev installs for building; a test holds the two lists together.
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install -y --no-install-recommends \
      gcc cmake ninja-build pkg-config python3 libssl-dev libyaml-dev libcurl4-openssl-dev libmicrohttpd-dev \
      librdkafka-dev libexpat1-dev ca-certificates \
 && rm -rf /var/lib/apt/lists/*

WORKDIR /src
COPY . .
RUN cmake --preset release -DIRSA_TESTS=OFF \
 && cmake --build --preset release \
 && DESTDIR=/out cmake --install build/release --strip --prefix /usr/local

# What the programs link, Debian's certificates, and a user who owns nothing. Versions are those of the Debian release, so
# that a rebuild brings its security fixes.
FROM debian:12-slim AS runtime

# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install -y --no-install-recommends \
      ca-certificates libcurl4 libexpat1 libmicrohttpd12 librdkafka1 libssl3 libyaml-0-2 \
 && rm -rf /var/lib/apt/lists/* \
 && install -d -o 65532 -g 65532 /run/irsa

COPY --from=build /out/usr/local/bin/ /usr/local/bin/

ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="irsa" \
      org.opencontainers.image.description="Batch job runner that gives pods on Amazon EKS their AWS permissions" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"

WORKDIR /
USER 65532:65532

# The producer tool: docker run irsactl create iamserviceaccount -f - …
FROM runtime AS irsactl
ENTRYPOINT ["irsactl"]

# The sandbox: it writes its environment when it is ready to serve. A file of an earlier start would say so too soon.
FROM runtime AS sandbox
VOLUME /run/irsa
HEALTHCHECK --interval=2s --timeout=2s --start-period=10s --retries=5 CMD ["test", "-s", "/run/irsa/env"]
ENTRYPOINT ["sh", "-c", "rm -f /run/irsa/env; exec irsa-sandbox --env-file /run/irsa/env \"$@\"", "irsa-sandbox"]

# The worker. SIGTERM drains it: give it 60 seconds to end.
FROM runtime AS worker
ENTRYPOINT ["irsa-worker"]
