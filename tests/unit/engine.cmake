irsa_unit_tests(USES irsa_engine irsa_kafka irsa_contract irsa_base
                TESTS contract_checkpoint engine_cancels engine_executors engine_frontier engine_hands engine_limits
                      engine_scheduler engine_settle engine_timers)
