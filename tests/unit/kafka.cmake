irsa_unit_tests(USES irsa_kafka TESTS kafka_settings)
