irsa_unit_tests(USES irsa_base TESTS
  arena cancel clock crypto error glob json_differential json_read json_tree json_write log map text)
target_link_libraries(json_differential_test PRIVATE PkgConfig::CJSON)
