/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Where in a function to put a uprobe.
 *
 * The kernel emulates push, nop, call, jmp and jcc; any other instruction is single-stepped out of
 * line, which costs some ten microseconds a hit. So we look, decoding from the symbol's start (a
 * probe inside an instruction would destroy the target), for the first instruction that the kernel
 * can emulate and at which the registers that the probe reads still hold the arguments.
 */
#ifndef NT_SYMBOLIZER_PROBE_POINT_H
#define NT_SYMBOLIZER_PROBE_POINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Registers by x86-64 encoding: 0 rax, 1 rcx, 2 rdx, 3 rbx, 4 rsp, 5 rbp, 6 rsi, 7 rdi, 8 r8 … */
#define PROBE_REG(n) (1u << (n))
#define PROBE_RAX    PROBE_REG(0)
#define PROBE_RCX    PROBE_REG(1)
#define PROBE_RDX    PROBE_REG(2)
#define PROBE_RBX    PROBE_REG(3)
#define PROBE_RSI    PROBE_REG(6)
#define PROBE_RDI    PROBE_REG(7)
#define PROBE_R8     PROBE_REG(8)
#define PROBE_R9     PROBE_REG(9)

struct probe_point {
	uint32_t offset;   /* from the start of the code */
	bool emulated;     /* the kernel emulates the instruction */
	bool frame_pushed; /* rbp was pushed already: the return address is at [rsp+8] */
	bool frame_set;    /* rbp is this function's own frame */
};

/*
 * Finds the point in `code` (len bytes from the symbol's start, loaded at `address`): at most 14
 * instructions in, with the registers of the mask `keep`, rsp and rbp untouched. A branch may be
 * the point, but nothing behind it, nor behind the target of a backward branch within the first 8 KiB.
 * A push of rbp is always a point, so no frame is pushed there. Falls back to offset 0, not
 * emulated. Returns 0, or -EBADMSG when the first instruction cannot be decoded.
 */
int probe_point_find(const uint8_t *code, size_t len, uint64_t address, uint32_t keep,
		     struct probe_point *ret_point);

/*
 * Describes a point that the caller chose: `offset` is the start of an instruction, decoding
 * linearly from 0; the frame is what the straight line to it makes of it. Returns 0, or -EBADMSG
 * when it is no such start.
 */
int probe_point_at(const uint8_t *code, size_t len, uint32_t offset, struct probe_point *ret_point);

/* True when `offset` is the start of an instruction, decoding linearly from 0. */
bool probe_point_is_instruction(const uint8_t *code, size_t len, uint32_t offset);

#endif
