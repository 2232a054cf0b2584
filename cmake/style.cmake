# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
# Targets for people: `format` rewrites the sources, `format-check` and `tidy` only look.
find_program(CLANG_FORMAT NAMES clang-format clang-format-14)
find_program(CLANG_TIDY NAMES clang-tidy clang-tidy-14)

set(NT_SOURCE_PATTERNS "")
foreach(folder bpf symbolizer aggregator tui user tests)
  list(APPEND NT_SOURCE_PATTERNS ${CMAKE_SOURCE_DIR}/${folder}/*.[ch])
endforeach()
file(GLOB_RECURSE NT_ALL_SOURCES CONFIGURE_DEPENDS ${NT_SOURCE_PATTERNS})

if(CLANG_FORMAT)
  add_custom_target(format COMMAND ${CLANG_FORMAT} -i ${NT_ALL_SOURCES} VERBATIM)
  add_custom_target(format-check COMMAND ${CLANG_FORMAT} --dry-run -Werror ${NT_ALL_SOURCES} VERBATIM)
endif()
if(CLANG_TIDY)
  add_custom_target(
    tidy
    COMMAND ${CMAKE_SOURCE_DIR}/tests/style/tidy.sh ${CMAKE_BINARY_DIR}
    USES_TERMINAL VERBATIM)
endif()
