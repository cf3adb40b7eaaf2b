# One interface target, irsa_flags, holds what every object of ours is compiled with.

set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/lib)
set(CMAKE_ARCHIVE_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/lib)

option(IRSA_TESTS "Build the tests" ON)
set(IRSA_SANITIZE "" CACHE STRING "Sanitizers, as -fsanitize= takes them")
option(IRSA_COVERAGE "Instrument for gcov" OFF)
option(IRSA_FUZZ "Build the fuzz targets (clang)" OFF)

find_program(IRSA_CCACHE ccache)
if(IRSA_CCACHE)
  set(CMAKE_C_COMPILER_LAUNCHER ${IRSA_CCACHE})
endif()

add_library(irsa_flags INTERFACE)
target_include_directories(irsa_flags INTERFACE ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/include)
target_compile_definitions(irsa_flags INTERFACE _GNU_SOURCE)
target_compile_options(irsa_flags INTERFACE
  -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition -Wundef
  -Wpointer-arith -Wcast-align -Wcast-qual -Wwrite-strings -Wformat=2 -Wvla -Wswitch-enum
  -fvisibility=hidden -fno-common -fno-strict-aliasing)
if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
  # an error text that is cut is handled through snprintf's return value
  target_compile_options(irsa_flags INTERFACE -Wlogical-op -Wduplicated-cond -Wno-format-truncation)
endif()

if(IRSA_SANITIZE)
  target_compile_options(irsa_flags INTERFACE -fsanitize=${IRSA_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(irsa_flags INTERFACE -fsanitize=${IRSA_SANITIZE})
else()
  target_compile_options(irsa_flags INTERFACE
    -fstack-protector-strong -fstack-clash-protection $<$<CONFIG:Release,RelWithDebInfo>:-D_FORTIFY_SOURCE=2>)
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
    target_compile_options(irsa_flags INTERFACE -fcf-protection)
  endif()
  target_link_options(irsa_flags INTERFACE -Wl,-z,relro,-z,now,-z,noexecstack)
endif()
if(IRSA_COVERAGE)
  target_compile_options(irsa_flags INTERFACE --coverage)
  target_link_options(irsa_flags INTERFACE --coverage)
endif()
if(IRSA_FUZZ)
  target_compile_options(irsa_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()

include(CheckPIESupported)
check_pie_supported(LANGUAGES C)
