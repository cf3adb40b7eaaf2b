irsa_unit_tests(USES irsa_engine irsa_base TESTS worker_supervisor)
target_sources(worker_supervisor_test PRIVATE ${PROJECT_SOURCE_DIR}/worker/supervisor.c)
