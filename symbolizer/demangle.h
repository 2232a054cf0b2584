/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* C++ symbols as people write them, for display only. */
#ifndef NT_SYMBOLIZER_DEMANGLE_H
#define NT_SYMBOLIZER_DEMANGLE_H

#include <stddef.h>

/*
 * Writes the short form of a symbol to buf (size > 0 bytes), cut where it does not fit: demangled,
 * without arguments, return type, long template arguments, v8::internal:: and anonymous namespaces.
 * What is no C++ symbol is copied. Returns the length.
 */
size_t demangle_short(const char *symbol, char *buf, size_t size);

/* The same for a name that is demangled already. */
size_t demangle_shorten(const char *name, char *buf, size_t size);

#endif
