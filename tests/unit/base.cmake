irsa_unit_tests(USES irsa_base TESTS arena error text)
