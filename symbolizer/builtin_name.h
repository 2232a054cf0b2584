/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* V8's builtins by the names of their symbols. */
#ifndef NT_SYMBOLIZER_BUILTIN_NAME_H
#define NT_SYMBOLIZER_BUILTIN_NAME_H

#include <stdbool.h>

#include "symbolizer/elf_file.h"

/* The name without its prefix, or NULL for what is no builtin. */
const char *builtin_name(const struct elf_symbol *symbol);

/* A frame whose pc is in it runs bytecode: the function is what counts. */
bool builtin_is_interpreter(const struct elf_symbol *symbol);

/* It only leads from C++ to JavaScript or back: as a frame it tells nothing. Takes builtin_name(). */
bool builtin_is_passage(const char *name);

#endif
