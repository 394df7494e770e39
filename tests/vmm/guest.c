/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A guest for the PC, to be loaded by -kernel: does to the device at 00:04.0 what a driver does,
 * prints what it reads to port 0x402, and turns the machine off. Each line has a letter and values:
 *
 *   b  the registers of the six BARs, with ones written to them
 *   m  Message Control, Table and PBA register of the MSI-X capability
 *   t  the first vector as it is found; Message Control and the vector once that is programmed
 *   p  the first dword of the PBA; the last of the 4K of the table, after a write; Message Control
 *      once MSI-X is off
 *
 * There is no libc: the loader finds the header (Multiboot Specification 3.1) and jumps to _start
 * in 32-bit protected mode, without a stack.
 */
#include <stdint.h>

#define CONFIG_ADDRESS 0xcf8
#define CONFIG_DATA    0xcfc
#define DEVICE	       (0x80000000U | 4 << 11) /* 00:04.0 */

#define COMMAND	     0x04 /* with memory and bus mastering in its bits 1 and 2 */
#define BAR0	     0x10
#define CAPABILITIES 0x34
#define MSIX	     0x11 /* ID of the capability; Message Control is in its upper half */
#define ENABLE	     0x80000000U
#define MASK_ALL     0x40000000U

static const uint32_t header[] __attribute__((section(".multiboot"), used)) = {
	0x1badb002,
	0,
	-0x1badb002U,
};

static inline void out8(uint16_t port, uint8_t value)
{
	__asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static inline void out16(uint16_t port, uint16_t value)
{
	__asm__ volatile("outw %0, %1" : : "a"(value), "Nd"(port));
}

static inline void out32(uint16_t port, uint32_t value)
{
	__asm__ volatile("outl %0, %1" : : "a"(value), "Nd"(port));
}

static inline uint32_t in32(uint16_t port)
{
	uint32_t value;

	__asm__ volatile("inl %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static uint32_t config_get(uint32_t at)
{
	out32(CONFIG_ADDRESS, DEVICE | at);
	return in32(CONFIG_DATA);
}

static void config_put(uint32_t at, uint32_t value)
{
	out32(CONFIG_ADDRESS, DEVICE | at);
	out32(CONFIG_DATA, value);
}

static void print_char(char c)
{
	out8(0x402, (uint8_t)c);
}

static void print(uint32_t value)
{
	print_char(' ');
	for (int shift = 28; shift >= 0; shift -= 4)
		print_char("0123456789abcdef"[value >> shift & 15]);
}

static void print_line(char letter)
{
	print_char('\n');
	print_char(letter);
}

/* What a Table or PBA register tells of. */
static volatile uint32_t *locate(uint32_t reg)
{
	uint32_t base = config_get(BAR0 + 4 * (reg & 7)) & ~15U;

	/* NOLINTNEXTLINE(performance-no-int-to-ptr): an address of the bus */
	return (volatile uint32_t *)(uintptr_t)(base + (reg & ~7U));
}

static void size_bars(void)
{
	print_line('b');
	for (uint32_t at = BAR0; at < BAR0 + 24; at += 4) {
		uint32_t saved = config_get(at);

		config_put(at, 0xffffffff);
		print(config_get(at));
		config_put(at, saved);
	}
}

static uint32_t find_msix(void)
{
	uint32_t at = config_get(CAPABILITIES) & 0xfc;

	while (at && (config_get(at) & 0xff) != MSIX)
		at = config_get(at) >> 8 & 0xfc;
	return at;
}

static void print_vector(volatile const uint32_t *table)
{
	for (int i = 0; i < 4; i++)
		print(table[i]);
}

/* As Linux does it: on with all masked, then the vectors. */
static void use_msix(uint32_t cap)
{
	volatile uint32_t *table = locate(config_get(cap + 4));
	volatile uint32_t *pba = locate(config_get(cap + 8));
	uint32_t off = config_get(cap) & ~(ENABLE | MASK_ALL);

	print_line('m');
	for (uint32_t i = 0; i < 12; i += 4)
		print(config_get(cap + i));
	print_line('t');
	print_vector(table);
	config_put(cap, off | ENABLE | MASK_ALL);
	print(config_get(cap));
	table[0] = 0xfee00000;
	table[1] = 0;
	table[2] = 0x40;
	table[3] = 0;
	config_put(cap, off | ENABLE);
	print(config_get(cap));
	print_vector(table);
	print_line('p');
	print(pba[0]);
	table[1023] = 0xffffffff;
	print(table[1023]);
	config_put(cap, off);
	print(config_get(cap));
}

void guest_main(void);
__attribute__((used)) void guest_main(void)
{
	uint32_t cap = find_msix();

	config_put(COMMAND, config_get(COMMAND) | 6);
	size_bars();
	if (cap)
		use_msix(cap);
	print_char('\n');
	out16(0x604, 0x2000); /* the sleep of a PIIX4 from which nothing wakes it */
	for (;;)
		__asm__ volatile("hlt");
}

__asm__(".globl _start\n"
	"_start:	mov	$0x90000, %esp\n"
	"	call	guest_main\n");
