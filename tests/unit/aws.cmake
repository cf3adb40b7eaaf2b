add_library(irsa_aws_fixture STATIC aws_fixture.c)
target_link_libraries(irsa_aws_fixture PUBLIC irsa_fake_transport irsa_aws)

irsa_unit_tests(USES irsa_sigv4 irsa_base TESTS sigv4)
irsa_unit_tests(USES irsa_aws_fixture TESTS aws_call aws_credentials aws_eks aws_endpoint aws_failure aws_iam aws_retry aws_sts aws_xml)
