/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "symbolizer/elf_linkage.h"

#include <gelf.h>
#include <string.h>

#include "symbolizer/base.h"
#include "symbolizer/elf_file.h"

/* jmp [rip + disp], perhaps behind endbr64 and with a bnd prefix; the slot it jumps through. */
static int linkage_slot(const struct elf_file *file, uint64_t address, uint64_t *ret_slot)
{
	static const uint8_t endbr[] = {0xf3, 0x0f, 0x1e, 0xfa};
	uint8_t code[16];
	size_t at = 0;
	int32_t disp;

	if (elf_file_read(file, address, code, sizeof(code)))
		return -ENOENT;
	if (memcmp(code, endbr, sizeof(endbr)) == 0)
		at = sizeof(endbr);
	at += code[at] == 0xf2;
	if (code[at] != 0xff || code[at + 1] != 0x25)
		return -ENOENT;
	memcpy(&disp, code + at + 2, sizeof(disp));
	*ret_slot = address + at + 6 + (uint64_t)(int64_t)disp;
	return 0;
}

/* The symbol of the relocation of `slot` in one section, or NULL. */
static const char *name_in(Elf *elf, Elf_Scn *section, uint64_t slot)
{
	GElf_Shdr header, linked;
	Elf_Data *data, *symbols;
	Elf_Scn *table;
	GElf_Rela rela;
	GElf_Sym symbol;

	if (!gelf_getshdr(section, &header) || header.sh_type != SHT_RELA || !header.sh_entsize)
		return NULL;
	table = elf_getscn(elf, header.sh_link);
	if (!table || !gelf_getshdr(table, &linked))
		return NULL;
	data = elf_getdata(section, NULL);
	symbols = elf_getdata(table, NULL);
	if (!data || !symbols)
		return NULL;
	for (size_t i = 0; i < header.sh_size / header.sh_entsize; i++) {
		if (!gelf_getrela(data, (int)i, &rela) || rela.r_offset != slot)
			continue;
		if (!gelf_getsym(symbols, (int)GELF_R_SYM(rela.r_info), &symbol))
			return NULL;
		return elf_strptr(elf, linked.sh_link, symbol.st_name);
	}
	return NULL;
}

const char *elf_linkage_name(const struct elf_file *file, Elf *elf, uint64_t address)
{
	Elf_Scn *section = NULL;
	const char *name = NULL;
	uint64_t slot;

	if (linkage_slot(file, address, &slot))
		return NULL;
	while (!name && (section = elf_nextscn(elf, section)))
		name = name_in(elf, section, slot);
	return name && *name ? name : NULL;
}
