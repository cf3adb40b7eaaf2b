irsa_unit_tests(USES irsa_base TESTS
  arena cache cancel clock crypto error glob json_differential json_read json_tree json_write log map text trust)
target_link_libraries(json_differential_test PRIVATE PkgConfig::CJSON)
target_link_libraries(trust_test PRIVATE PkgConfig::OPENSSL)
