/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "symbolizer/builtin_name.h"

#include <string.h>

#include "symbolizer/base.h"

static const char prefix[] = "Builtins_";

static const char *const interpreter[] = {
	"InterpreterEntryTrampoline",           "InterpreterEntryTrampolineForProfiling",
	"InterpreterEnterAtBytecode",           "InterpreterEnterAtNextBytecode",
	"BaselineOrInterpreterEnterAtBytecode", "BaselineOrInterpreterEnterAtNextBytecode",
};

static const char *const passages[] = {
	"JSEntry",
	"JSEntryTrampoline",
	"JSConstructEntry",
	"JSConstructEntryTrampoline",
	"JSRunMicrotasksEntry",
};

static bool contains(const char *const *names, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

const char *builtin_name(const struct elf_symbol *symbol)
{
	size_t len = strlen(prefix);

	return strncmp(symbol->name, prefix, len) == 0 ? symbol->name + len : NULL;
}

bool builtin_is_interpreter(const struct elf_symbol *symbol)
{
	const char *name = builtin_name(symbol);

	return name && contains(interpreter, ARRAY_SIZE(interpreter), name);
}

bool builtin_is_passage(const char *name)
{
	return contains(passages, ARRAY_SIZE(passages), name);
}
