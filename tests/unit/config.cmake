irsa_unit_tests(USES irsa_config irsa_contract irsa_base TESTS
  config_cluster config_file config_settings config_yaml)
