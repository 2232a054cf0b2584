/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "symbolizer/elf_file.h"

#include <fcntl.h>
#include <gelf.h>
#include <libelf.h>
#include <string.h>
#include <sys/stat.h>

#include "symbolizer/base.h"
#include "symbolizer/elf_linkage.h"
#include "symbolizer/elf_unwind.h"
#include "symbolizer/symbol_table.h"

enum {
	MAX_SEGMENTS = 64,
	MAX_BUILD_ID = 32, /* bytes */
	MAX_EXTRA = 1 << 16,
};

struct segment {
	uint64_t address;
	uint64_t offset;
	uint64_t size; /* in the file */
};

struct elf_file {
	int fd;
	Elf *elf;
	const uint8_t *image;
	size_t image_len;
	bool stripped;
	bool fixed;
	char build_id[2 * MAX_BUILD_ID + 1];
	struct segment segments[MAX_SEGMENTS];
	size_t n_segments;
	uint64_t unwind; /* address of .eh_frame_hdr, 0 none */
	struct symbol_table *symbols;
	/* what elf_file_name() added; the table points into the two others */
	struct symbol_table *extra;
	Elf64_Sym *extra_symbols;
	char *extra_names;
	struct elf_file *library; /* joined, NULL none … */
	uint64_t distance;        /* … its addresses plus this are ours */
};

/* The first section of this type, or NULL. */
static Elf_Scn *find_section(Elf *elf, uint32_t type, GElf_Shdr *ret_header)
{
	Elf_Scn *section = NULL;
	GElf_Shdr header;

	while ((section = elf_nextscn(elf, section))) {
		if (!gelf_getshdr(section, &header) || header.sh_type != type)
			continue;
		*ret_header = header;
		return section;
	}
	return NULL;
}

/* .symtab, else .dynsym. */
static int load_symbols(struct elf_file *file)
{
	GElf_Shdr header;
	Elf_Scn *section;
	Elf_Data *symbols;
	Elf_Data *names;

	section = find_section(file->elf, SHT_SYMTAB, &header);
	if (!section) {
		file->stripped = true;
		section = find_section(file->elf, SHT_DYNSYM, &header);
	}
	if (!section)
		return symbol_table_new(NULL, 0, NULL, 0, &file->symbols);
	symbols = elf_getdata(section, NULL);
	section = elf_getscn(file->elf, header.sh_link);
	names = section ? elf_getdata(section, NULL) : NULL;
	if (!symbols || !symbols->d_buf || symbols->d_type != ELF_T_SYM || !names || !names->d_buf)
		return -EBADMSG;
	return symbol_table_new(symbols->d_buf, symbols->d_size / sizeof(Elf64_Sym), names->d_buf,
				names->d_size, &file->symbols);
}

static void load_build_id(struct elf_file *file, const GElf_Phdr *header)
{
	Elf_Data *data;
	GElf_Nhdr note;
	size_t name;
	size_t desc;
	size_t at = 0;

	data = elf_getdata_rawchunk(file->elf, (int64_t)header->p_offset, header->p_filesz,
				    header->p_align == 8 ? ELF_T_NHDR8 : ELF_T_NHDR);
	if (!data)
		return;
	while ((at = gelf_getnote(data, at, &note, &name, &desc)) > 0) {
		const uint8_t *bytes = (const uint8_t *)data->d_buf + desc;

		if (note.n_type != NT_GNU_BUILD_ID || note.n_namesz != sizeof(ELF_NOTE_GNU) ||
		    memcmp((const char *)data->d_buf + name, ELF_NOTE_GNU, sizeof(ELF_NOTE_GNU)) !=
			    0 ||
		    note.n_descsz > MAX_BUILD_ID)
			continue;
		for (size_t i = 0; i < note.n_descsz; i++)
			(void)snprintf(file->build_id + 2 * i, 3, "%02x", bytes[i]);
		return;
	}
}

/* Segments are kept only when they lie in the file and do not wrap: later sums cannot overflow. */
static int load_segments(struct elf_file *file)
{
	GElf_Phdr header;
	size_t n;

	if (elf_getphdrnum(file->elf, &n) || n > MAX_SEGMENTS)
		return -EBADMSG;
	for (size_t i = 0; i < n; i++) {
		if (!gelf_getphdr(file->elf, (int)i, &header))
			return -EBADMSG;
		if (header.p_type == PT_NOTE && !file->build_id[0])
			load_build_id(file, &header);
		if (header.p_type == PT_GNU_EH_FRAME)
			file->unwind = header.p_vaddr;
		if (header.p_type != PT_LOAD)
			continue;
		if (header.p_offset > file->image_len ||
		    header.p_filesz > file->image_len - header.p_offset ||
		    header.p_vaddr > UINT64_MAX - header.p_filesz)
			return -EBADMSG;
		file->segments[file->n_segments++] = (struct segment){
			.address = header.p_vaddr,
			.offset = header.p_offset,
			.size = header.p_filesz,
		};
	}
	return 0;
}

static int load_image(struct elf_file *file)
{
	GElf_Ehdr header;

	if (elf_kind(file->elf) != ELF_K_ELF || gelf_getclass(file->elf) != ELFCLASS64)
		return -ENOEXEC;
	if (!gelf_getehdr(file->elf, &header))
		return -EBADMSG;
	if (header.e_machine != EM_X86_64 || header.e_ident[EI_DATA] != ELFDATA2LSB ||
	    (header.e_type != ET_EXEC && header.e_type != ET_DYN))
		return -ENOEXEC;
	file->fixed = header.e_type == ET_EXEC;
	file->image = (const uint8_t *)elf_rawfile(file->elf, &file->image_len);
	return file->image ? 0 : -EBADMSG;
}

/* The path may name anything the target likes, so nothing that could block is waited for. */
static int open_regular(const char *path, int *ret_fd)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	int err = 0;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st))
		err = -errno;
	else if (!S_ISREG(st.st_mode))
		err = -ENOEXEC;
	if (err)
		closep(&fd);
	else
		*ret_fd = fd;
	return err;
}

static int load(struct elf_file *file)
{
	int err;

	if (elf_version(EV_CURRENT) == EV_NONE)
		return -ENOSYS;
	file->elf = elf_begin(file->fd, ELF_C_READ_MMAP, NULL);
	if (!file->elf)
		return -ENOEXEC;
	err = load_image(file);
	if (err)
		return err;
	err = load_segments(file);
	if (err)
		return err;
	return load_symbols(file);
}

int elf_file_open(const char *path, struct elf_file **ret_file)
{
	struct elf_file *file;
	int err;

	file = calloc(1, sizeof(*file));
	if (!file)
		return -ENOMEM;
	file->fd = -1;
	err = open_regular(path, &file->fd);
	if (!err)
		err = load(file);
	if (err) {
		elf_file_close(file);
		return err;
	}
	*ret_file = file;
	return 0;
}

void elf_file_close(struct elf_file *file)
{
	if (!file)
		return;
	elf_file_close(file->library);
	symbol_table_free(file->extra);
	free(file->extra_symbols);
	free(file->extra_names);
	symbol_table_free(file->symbols);
	if (file->elf)
		(void)elf_end(file->elf);
	closep(&file->fd);
	free(file);
}

bool elf_file_stripped(const struct elf_file *file)
{
	return file->stripped;
}

const char *elf_file_build_id(const struct elf_file *file)
{
	return file->build_id;
}

bool elf_file_is_fixed(const struct elf_file *file)
{
	return file->fixed;
}

size_t elf_file_symbol_count(const struct elf_file *file)
{
	return symbol_table_count(file->symbols);
}

/* Lengths of all names with their NUL bytes. */
static size_t names_length(const struct elf_symbol *symbols, size_t n)
{
	size_t len = 1; /* name 0 means none */

	for (size_t i = 0; i < n; i++)
		len += strlen(symbols[i].name) + 1;
	return len;
}

int elf_file_name(struct elf_file *file, const struct elf_symbol *symbols, size_t n)
{
	size_t len = names_length(symbols, n), at = 1;
	int err;

	if (file->extra)
		return -EALREADY;
	if (n > MAX_EXTRA)
		return -ENOSPC;
	file->extra_symbols = calloc(n + 1, sizeof(*file->extra_symbols));
	file->extra_names = calloc(len, 1);
	if (!file->extra_symbols || !file->extra_names)
		return -ENOMEM; /* closing frees them */
	for (size_t i = 0; i < n; i++) {
		size_t size = strlen(symbols[i].name) + 1;

		memcpy(file->extra_names + at, symbols[i].name, size);
		file->extra_symbols[i] = (Elf64_Sym){
			.st_name = (Elf64_Word)at,
			.st_info = ELF64_ST_INFO(STB_LOCAL, STT_FUNC),
			.st_shndx = SHN_ABS,
			.st_value = symbols[i].address,
			.st_size = symbols[i].size,
		};
		at += size;
	}
	err = symbol_table_new(file->extra_symbols, n, file->extra_names, len, &file->extra);
	return err;
}

int elf_file_join(struct elf_file *file, struct elf_file *library, uint64_t distance)
{
	if (file->library)
		return -EALREADY;
	file->library = library;
	file->distance = distance;
	return 0;
}

int elf_file_find(const struct elf_file *file, const char *name, struct elf_symbol *ret_symbol)
{
	int err = symbol_table_find(file->symbols, name, ret_symbol);

	if (err == -ENOENT && file->extra)
		err = symbol_table_find(file->extra, name, ret_symbol);
	if (err != -ENOENT || !file->library)
		return err;
	err = elf_file_find(file->library, name, ret_symbol);
	if (!err)
		ret_symbol->address += file->distance;
	return err;
}

int elf_file_glob(const struct elf_file *file, const char *glob,
		  int (*visit)(void *user, const struct elf_symbol *symbol), void *user)
{
	int stop = symbol_table_glob(file->symbols, glob, visit, user);

	if (!stop && file->extra)
		stop = symbol_table_glob(file->extra, glob, visit, user);
	return stop;
}

int elf_file_symbolize(const struct elf_file *file, uint64_t address, struct elf_symbol *ret_symbol)
{
	int err = symbol_table_at(file->symbols, address, ret_symbol);

	return err && file->extra ? symbol_table_at(file->extra, address, ret_symbol) : err;
}

static const struct segment *segment_at(const struct elf_file *file, uint64_t address)
{
	for (size_t i = 0; i < file->n_segments; i++) {
		const struct segment *segment = &file->segments[i];

		if (address >= segment->address && address - segment->address < segment->size)
			return segment;
	}
	return NULL;
}

int elf_file_offset_of(const struct elf_file *file, uint64_t address, uint64_t *ret_offset)
{
	const struct segment *segment = segment_at(file, address);

	if (!segment)
		return -ENOENT;
	*ret_offset = address - segment->address + segment->offset;
	return 0;
}

int elf_file_address_of(const struct elf_file *file, uint64_t offset, uint64_t *ret_address)
{
	for (size_t i = 0; i < file->n_segments; i++) {
		const struct segment *segment = &file->segments[i];

		if (offset < segment->offset || offset - segment->offset >= segment->size)
			continue;
		*ret_address = offset - segment->offset + segment->address;
		return 0;
	}
	return -ENOENT;
}

int elf_file_read(const struct elf_file *file, uint64_t address, void *buf, size_t len)
{
	const struct segment *segment = segment_at(file, address);
	uint64_t at;

	if (!segment)
		return file->library
			       ? elf_file_read(file->library, address - file->distance, buf, len)
			       : -ENOENT;
	at = address - segment->address;
	if (len > segment->size - at)
		return -ENOENT;
	memcpy(buf, file->image + segment->offset + at, len);
	return 0;
}

int elf_file_locate(const struct elf_file *file, uint64_t address,
		    const struct elf_file **ret_holder, uint64_t *ret_offset)
{
	if (!elf_file_offset_of(file, address, ret_offset)) {
		*ret_holder = file;
		return 0;
	}
	if (!file->library)
		return -ENOENT;
	return elf_file_locate(file->library, address - file->distance, ret_holder, ret_offset);
}

int elf_file_function_size(const struct elf_file *file, uint64_t address, uint64_t *ret_size)
{
	return elf_unwind_size(file, file->unwind, address, ret_size);
}

const char *elf_file_linked_name(const struct elf_file *file, uint64_t address)
{
	return elf_linkage_name(file, file->elf, address);
}

int elf_file_constant(const struct elf_file *file, const char *name, int32_t *ret_value)
{
	struct elf_symbol symbol;
	int err;

	err = elf_file_find(file, name, &symbol);
	if (err)
		return err;
	if (symbol.size && symbol.size < sizeof(*ret_value))
		return -ENOENT;
	return elf_file_read(file, symbol.address, ret_value, sizeof(*ret_value));
}
