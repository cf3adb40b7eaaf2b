/*
 * The mock cluster, and the client handle that librdkafka wants it to hang on.
 */
#include "core/kafka/mock.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "core/base/arena.h"
#include "core/base/text.h"
#include "core/kafka/client.h"

#include <librdkafka/rdkafka_mock.h> // needs rdkafka.h before it

struct irsa_mock {
    rd_kafka_t *host;
    rd_kafka_mock_cluster_t *cluster;
};

/* Kafka's API keys (protocol guide) of the requests that the mock answers. */
static const struct {
    const char *name;
    int16_t key;
} apis[] = {
    {"Produce", 0},          {"Fetch", 1},
    {"ListOffsets", 2},      {"Metadata", 3},
    {"OffsetCommit", 8},     {"OffsetFetch", 9},
    {"FindCoordinator", 10}, {"JoinGroup", 11},
    {"Heartbeat", 12},       {"LeaveGroup", 13},
    {"SyncGroup", 14},       {"ApiVersions", 18},
    {"InitProducerId", 22},  {"AddPartitionsToTxn", 24},
    {"AddOffsetsToTxn", 25}, {"EndTxn", 26},
    {"TxnOffsetCommit", 28},
};
#define API_COUNT (sizeof apis / sizeof apis[0])
#define BROKER    1
#define FDS_MAX   4096 /* how far the listening socket is looked for */

static int port_of(const char *bootstrap_servers) {
    const char *colon = strrchr(bootstrap_servers, ':');
    return colon == NULL ? 0 : (int)strtol(colon + 1, NULL, 10);
}

static bool listens_at(int fd, int port) {
    int is_listening = 0;
    socklen_t size = sizeof is_listening;
    struct sockaddr_in address = {0};
    socklen_t address_size = sizeof address;
    return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &is_listening, &size) == 0 && is_listening &&
           getsockname(fd, (struct sockaddr *)&address, &address_size) == 0 && ntohs(address.sin_port) == port;
}

/*
 * The mock answers with many small writes. Nagle's algorithm holds the second one back until the first is acknowledged,
 * which the other side delays: 40 ms at the end of every burst. Accepted sockets inherit the option from the listening
 * one, which librdkafka does not show.
 */
static void disable_nagle(const char *bootstrap_servers) {
    int port = port_of(bootstrap_servers);
    const int on = 1;
    long last = sysconf(_SC_OPEN_MAX);
    for (int fd = 0; fd < last && fd < FDS_MAX; fd++)
        if (listens_at(fd, port)) {
            setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
            return;
        }
}

/*
 * The mock's thread is woken for what we ask of it once a second at most; what comes within that second waits for the
 * next one. A connection wakes it too, so while we wait for it somebody keeps knocking.
 */
struct knocker {
    int port;
    atomic_bool is_done;
    bool is_running;
    pthread_t thread;
};

#define KNOCK_NS 1000000

static void *knock(void *self) {
    struct knocker *knocker = self;
    const struct timespec pause = {.tv_nsec = KNOCK_NS};
    const struct sockaddr_in address = {.sin_family = AF_INET,
                                        .sin_port = htons((uint16_t)knocker->port),
                                        .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
    nanosleep(&pause, NULL);
    while (!atomic_load(&knocker->is_done)) {
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (fd >= 0) {
            (void)connect(fd, (const struct sockaddr *)&address, sizeof address);
            nanosleep(&pause, NULL);
            close(fd);
        }
    }
    return NULL;
}

static void start_knocking(struct knocker *knocker, const struct irsa_mock *mock) {
    *knocker = (struct knocker){.port = port_of(rd_kafka_mock_cluster_bootstraps(mock->cluster))};
    knocker->is_running = pthread_create(&knocker->thread, NULL, knock, knocker) == 0;
}

static void stop_knocking(struct knocker *knocker) {
    atomic_store(&knocker->is_done, true);
    if (knocker->is_running)
        pthread_join(knocker->thread, NULL);
}

struct irsa_mock *irsa_mock_open(struct irsa_error *err) {
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_conf_set(conf, "log_level", "3", NULL, 0);
    rd_kafka_t *host = irsa_client_new(IRSA_CLIENT_PRODUCER, conf, err);
    if (host == NULL)
        return NULL;
    rd_kafka_mock_cluster_t *cluster = rd_kafka_mock_cluster_new(host, 1);
    if (cluster == NULL) {
        rd_kafka_destroy(host);
        IRSA_FAIL(err, CONFIG, "the mock broker could not be started");
        return NULL;
    }
    disable_nagle(rd_kafka_mock_cluster_bootstraps(cluster));
    struct irsa_mock *mock = irsa_new(sizeof *mock);
    mock->host = host;
    mock->cluster = cluster;
    return mock;
}

void irsa_mock_close(struct irsa_mock *mock) {
    if (mock == NULL)
        return;
    struct knocker knocker;
    start_knocking(&knocker, mock);
    rd_kafka_mock_cluster_destroy(mock->cluster);
    stop_knocking(&knocker);
    rd_kafka_destroy(mock->host);
    free(mock);
}

const char *irsa_mock_bootstrap_servers(const struct irsa_mock *mock) {
    return rd_kafka_mock_cluster_bootstraps(mock->cluster);
}

bool irsa_mock_create_topic(struct irsa_mock *mock, const char *topic, int partitions, struct irsa_error *err) {
    struct knocker knocker;
    start_knocking(&knocker, mock);
    rd_kafka_resp_err_t code = rd_kafka_mock_topic_create(mock->cluster, topic, partitions, 1);
    stop_knocking(&knocker);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
        return irsa_client_fail(err, code, NULL);
    return true;
}

/* -1: the mock does not know it. */
static int16_t find_api(const char *name) {
    for (size_t i = 0; i < API_COUNT; i++)
        if (irsa_text_equal(apis[i].name, name))
            return apis[i].key;
    return -1;
}

bool irsa_mock_push_errors(struct irsa_mock *mock, const char *api, const int *codes, size_t count,
                           struct irsa_error *err) {
    int16_t key = find_api(api);
    if (key < 0)
        return IRSA_FAIL(err, INVALID, "the mock broker has no request \"%s\"", api);
    for (size_t n = 0; n < count; n++) {
        rd_kafka_resp_err_t code = (rd_kafka_resp_err_t)codes[n];
        rd_kafka_mock_push_request_errors_array(mock->cluster, key, 1, &code);
    }
    return true;
}

bool irsa_mock_delay_one(struct irsa_mock *mock, const char *api, int delay_ms, struct irsa_error *err) {
    int16_t key = find_api(api);
    if (key < 0)
        return IRSA_FAIL(err, INVALID, "the mock broker has no request \"%s\"", api);
    rd_kafka_resp_err_t code = rd_kafka_mock_broker_push_request_error_rtts(mock->cluster, BROKER, key, 1,
                                                                            RD_KAFKA_RESP_ERR_NO_ERROR, delay_ms);
    return code == RD_KAFKA_RESP_ERR_NO_ERROR || irsa_client_fail(err, code, NULL);
}

void irsa_mock_clear_errors(struct irsa_mock *mock, const char *api) {
    int16_t key = find_api(api);
    if (key >= 0)
        rd_kafka_mock_clear_request_errors(mock->cluster, key);
}

void irsa_mock_set_down(struct irsa_mock *mock, bool is_down) {
    struct knocker knocker;
    start_knocking(&knocker, mock);
    if (is_down)
        rd_kafka_mock_broker_set_down(mock->cluster, BROKER);
    else
        rd_kafka_mock_broker_set_up(mock->cluster, BROKER);
    stop_knocking(&knocker);
}
