irsa_unit_tests(USES irsa_aws_fixture irsa_kube TESTS kube kube_status)
