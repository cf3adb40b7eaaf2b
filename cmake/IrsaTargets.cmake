# The three kinds of target in this project.

# irsa_room(NAME FOLDER SOURCES … [USES rooms …] [FENCE foreign …])
# A room of the house: a static library irsa_NAME of the listed sources.
function(irsa_room name)
  cmake_parse_arguments(ARG "" "" "SOURCES;USES;FENCE" ${ARGN})
  add_library(irsa_${name} STATIC ${ARG_SOURCES})
  target_link_libraries(irsa_${name} PUBLIC irsa_flags ${ARG_USES} PRIVATE ${ARG_FENCE} Threads::Threads)
endfunction()

# irsa_program(NAME SOURCES … USES rooms …)
function(irsa_program name)
  cmake_parse_arguments(ARG "" "" "SOURCES;USES" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  set_target_properties(${name} PROPERTIES POSITION_INDEPENDENT_CODE ON)
  target_link_libraries(${name} PRIVATE ${ARG_USES})
endfunction()

# irsa_unit_tests(USES rooms … TESTS name …)
# Each tests/unit/NAME_test.c is the program NAME_test and the ctest unit.NAME_test.
function(irsa_unit_tests)
  cmake_parse_arguments(ARG "" "" "USES;TESTS" ${ARGN})
  foreach(test IN LISTS ARG_TESTS)
    add_executable(${test}_test ${test}_test.c)
    target_link_libraries(${test}_test PRIVATE ${ARG_USES} PkgConfig::CMOCKA irsa_test_support)
    target_compile_options(${test}_test PRIVATE -Wno-cast-qual)
    set_target_properties(${test}_test PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
    add_test(NAME unit.${test}_test COMMAND ${test}_test WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
    set_tests_properties(unit.${test}_test PROPERTIES LABELS unit TIMEOUT 120)
  endforeach()
endfunction()

# irsa_embed_text(OUTPUT.c NAME FILE [NAME FILE …])
# Text files as C string constants; JSON is embedded without its white space.
find_package(Python3 3.9 REQUIRED COMPONENTS Interpreter)
function(irsa_embed_text output)
  set(pairs)
  set(files)
  set(words ${ARGN})
  while(words)
    list(POP_FRONT words name file)
    get_filename_component(path ${file} ABSOLUTE)
    list(APPEND pairs ${name}=${path})
    list(APPEND files ${path})
  endwhile()
  add_custom_command(OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/${output}
    COMMAND Python3::Interpreter ${PROJECT_SOURCE_DIR}/cmake/embed_text.py ${CMAKE_CURRENT_BINARY_DIR}/${output} ${pairs}
    DEPENDS ${PROJECT_SOURCE_DIR}/cmake/embed_text.py ${files} VERBATIM)
endfunction()
