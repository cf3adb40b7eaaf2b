# libirsa: the contract and the enqueuer as a shared library, its headers and irsa.pc.
#
# Of its rooms only what is marked IRSA_API is exported. The contract goes in whole, since parts of it are called by users
# of the library only; of the others what is needed.

add_library(irsa SHARED lib/enqueue.c)
target_link_libraries(irsa PRIVATE
  irsa_flags "$<LINK_LIBRARY:WHOLE_ARCHIVE,irsa_contract>" irsa_kafka irsa_base Threads::Threads)
target_link_options(irsa PRIVATE LINKER:--as-needed)
target_include_directories(irsa INTERFACE include)
set_target_properties(irsa PROPERTIES VERSION ${PROJECT_VERSION} SOVERSION 0)

# The installed copy may be moved: irsa.pc finds its prefix from its own place.
file(RELATIVE_PATH IRSA_PC_TO_PREFIX
  ${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
string(REGEX REPLACE "/$" "" IRSA_PC_TO_PREFIX "${IRSA_PC_TO_PREFIX}")
configure_file(cmake/irsa.pc.in ${PROJECT_BINARY_DIR}/irsa.pc @ONLY)

install(TARGETS irsa LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT library)
install(DIRECTORY include/irsa DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT library FILES_MATCHING PATTERN "*.h")
install(FILES ${PROJECT_BINARY_DIR}/irsa.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT library)
