# Foreign libraries, each named by the one room that may include it (design: one fence per library).

find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)

pkg_check_modules(OPENSSL REQUIRED IMPORTED_TARGET libssl>=3.0 libcrypto>=3.0) # core/base
pkg_check_modules(YAML REQUIRED IMPORTED_TARGET yaml-0.1)                      # core/config
pkg_check_modules(CURL REQUIRED IMPORTED_TARGET libcurl>=7.88)                 # core/http
pkg_check_modules(MICROHTTPD REQUIRED IMPORTED_TARGET libmicrohttpd>=0.9.75)   # core/httpd
pkg_check_modules(RDKAFKA REQUIRED IMPORTED_TARGET rdkafka>=2.0.2)             # core/kafka
pkg_check_modules(EXPAT REQUIRED IMPORTED_TARGET expat)                        # core/aws
if(IRSA_TESTS)
  pkg_check_modules(CMOCKA REQUIRED IMPORTED_TARGET cmocka>=1.1.5)
  pkg_check_modules(CJSON REQUIRED IMPORTED_TARGET libcjson) # second opinion on our JSON reader
endif()
