irsa_unit_tests(USES irsa_base TESTS url)
irsa_unit_tests(USES irsa_http irsa_base TESTS http_pool)
target_link_libraries(http_pool_test PRIVATE PkgConfig::CURL)

# Stands in for the client in the tests of the rooms above.
add_library(irsa_fake_transport STATIC fake_transport.c)
target_link_libraries(irsa_fake_transport PUBLIC irsa_http irsa_base PRIVATE PkgConfig::CMOCKA)
