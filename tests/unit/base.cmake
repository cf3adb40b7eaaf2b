irsa_unit_tests(USES irsa_base TESTS
  arena error json_differential json_read json_tree json_write text)
target_link_libraries(json_differential_test PRIVATE PkgConfig::CJSON)
