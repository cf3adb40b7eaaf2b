irsa_unit_tests(USES irsa_httpd TESTS httpd httpd_delays httpd_request)
