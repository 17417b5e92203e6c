# Run by `cmake --install`, with the prefix of that very install in CMAKE_INSTALL_PREFIX, which may be
# another one than that of the configuration. VIBES_SOURCE_DIR, VIBES_BINARY_DIR and VIBES_BINDIR are
# set before. file(INSTALL) puts DESTDIR in front of its destinations itself.

# The unit names the program where this install puts it.
cmake_path(APPEND CMAKE_INSTALL_PREFIX "${VIBES_BINDIR}" vibes-ingestd OUTPUT_VARIABLE VIBES_PROGRAM)
cmake_path(APPEND CMAKE_INSTALL_PREFIX lib/systemd/system OUTPUT_VARIABLE unit_directory)
file(INSTALL "${VIBES_SOURCE_DIR}/systemd/vibes-ingestd.socket" DESTINATION "${unit_directory}")
set(service "${unit_directory}/vibes-ingestd.service")
message(STATUS "Installing: $ENV{DESTDIR}${service}")
configure_file("${VIBES_SOURCE_DIR}/systemd/vibes-ingestd.service.in" "$ENV{DESTDIR}${service}" @ONLY
  FILE_PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
list(APPEND CMAKE_INSTALL_MANIFEST_FILES "${service}")

# The settings are at one place for every prefix: the program reads them there. What an operator has
# written is never touched.
set(settings_directory /etc/vibes-ingestd)
set(settings "$ENV{DESTDIR}${settings_directory}/vibes-ingestd.toml")
execute_process(COMMAND id -u OUTPUT_VARIABLE user OUTPUT_STRIP_TRAILING_WHITESPACE)
if(EXISTS "${settings}" OR IS_SYMLINK "${settings}")
  message(STATUS "Left as it is: ${settings}")
elseif("$ENV{DESTDIR}" STREQUAL "" AND NOT user STREQUAL "0")
  message(STATUS "Not installed, because that takes root: ${settings}")
else()
  file(INSTALL "${VIBES_SOURCE_DIR}/config/vibes-ingestd.toml" DESTINATION "${settings_directory}"
    PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
  if(user STREQUAL "0")
    execute_process(COMMAND chown 0:0 "${settings}" COMMAND_ERROR_IS_FATAL ANY)
  endif()
endif()
