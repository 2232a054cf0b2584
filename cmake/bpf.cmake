# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
# bpf/ntrace.bpf.c -> object -> skeleton header, which only user/ sees.
set(NT_BPF_OUT ${CMAKE_BINARY_DIR}/generated/bpf)
file(MAKE_DIRECTORY ${NT_BPF_OUT}/user)
file(GLOB NT_BPF_SOURCES CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/bpf/*.[ch] ${CMAKE_SOURCE_DIR}/vmlinux/*.h)

add_custom_command(
  OUTPUT ${NT_BPF_OUT}/ntrace.bpf.o
  COMMAND ${CLANG} -g -O2 -target bpf -mcpu=v3 -D__TARGET_ARCH_x86 -Wall -Wextra -Werror
          -Wno-unused-parameter -Wno-unused-function
          -I ${CMAKE_SOURCE_DIR}
          -c ${CMAKE_SOURCE_DIR}/bpf/ntrace.bpf.c -o ${NT_BPF_OUT}/ntrace.bpf.o
  DEPENDS ${NT_BPF_SOURCES}
  VERBATIM)
add_custom_command(
  OUTPUT ${NT_BPF_OUT}/user/ntrace.skel.h
  COMMAND sh -c "${BPFTOOL} gen skeleton ${NT_BPF_OUT}/ntrace.bpf.o name ntrace_bpf > ${NT_BPF_OUT}/user/ntrace.skel.h"
  DEPENDS ${NT_BPF_OUT}/ntrace.bpf.o
  VERBATIM)
add_custom_target(nt_skeleton_header DEPENDS ${NT_BPF_OUT}/user/ntrace.skel.h)
add_library(nt_skeleton INTERFACE)
target_include_directories(nt_skeleton SYSTEM INTERFACE ${NT_BPF_OUT})
add_dependencies(nt_skeleton nt_skeleton_header)
