# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
# One layer = one static library = one include folder that holds a link to that layer's folder only.
# A file can include "folder/header.h" of its own layer and of what the layer USES, nothing else.

# The ABI: user space sees bpf/event.h and bpf/config.h, and no other file of bpf/.
file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/include/abi/bpf)
foreach(header event.h config.h)
  file(CREATE_LINK ${CMAKE_SOURCE_DIR}/bpf/${header} ${CMAKE_BINARY_DIR}/include/abi/bpf/${header} SYMBOLIC)
endforeach()
add_library(nt_abi INTERFACE)
target_include_directories(nt_abi INTERFACE ${CMAKE_BINARY_DIR}/include/abi)

function(nt_layer name)
  cmake_parse_arguments(layer "" "" "USES" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${name}/*.c)
  list(FILTER sources EXCLUDE REGEX "/user/main\\.c$")
  file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/include/${name})
  file(CREATE_LINK ${CMAKE_SOURCE_DIR}/${name} ${CMAKE_BINARY_DIR}/include/${name}/${name} SYMBOLIC)
  add_library(${name} STATIC ${sources})
  target_include_directories(${name} PUBLIC ${CMAKE_BINARY_DIR}/include/${name})
  target_link_libraries(${name} PUBLIC ${layer_USES})
endfunction()

# Code generated from a .proto, visible to that layer only.
function(nt_protobuf name proto)
  get_filename_component(base ${proto} NAME_WE)
  set(out ${CMAKE_BINARY_DIR}/generated/${name})
  file(MAKE_DIRECTORY ${out})
  add_custom_command(
    OUTPUT ${out}/${base}.pb-c.c ${out}/${base}.pb-c.h
    COMMAND ${PROTOC_C} --c_out=${out} -I ${CMAKE_SOURCE_DIR}/${name} ${CMAKE_SOURCE_DIR}/${proto}
    DEPENDS ${CMAKE_SOURCE_DIR}/${proto}
    VERBATIM)
  target_sources(${name} PRIVATE ${out}/${base}.pb-c.c)
  target_include_directories(${name} PRIVATE ${out})
  set_source_files_properties(${out}/${base}.pb-c.c PROPERTIES COMPILE_OPTIONS "-w" SKIP_LINTING ON)
endfunction()
