/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs in the guest, as bench FILE with the file of BAR0 of an NVMe controller that no driver
 * holds: how many reads of a register and how many writes to a doorbell are done in a second. A
 * line each, by turns: what slows the machine down meanwhile slows both.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <time.h>

enum {
	/* NVM Express Base Specification, "Controller Properties", as words */
	NVME_CC = 0x14 / 4,
	NVME_CSTS = 0x1c / 4,
	NVME_CSTS_RDY = 1,
	NVME_DOORBELL = 0x1000 / 4,

	SAMPLES = 5,
	BATCH = 100,
};

static const double SAMPLE_SECONDS = 0.2;

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void batch_reads(volatile uint32_t *bar)
{
	for (int i = 0; i < BATCH; i++)
		bar[NVME_CSTS];
}

static void batch_writes(volatile uint32_t *bar)
{
	for (int i = 0; i < BATCH; i++)
		bar[NVME_DOORBELL] = 0;
}

static void measure(const char *name, void (*batch)(volatile uint32_t *), volatile uint32_t *bar)
{
	const double start = now();
	unsigned long count = 0;
	double seconds;

	do {
		batch(bar);
		count += BATCH;
		seconds = now() - start;
	} while (seconds < SAMPLE_SECONDS);
	printf("%s %.0f\n", name, (double)count / seconds);
}

int main(int argc, char **argv)
{
	const int fd = argc == 2 ? open(argv[1], O_RDWR) : -1;
	volatile uint32_t *bar = mmap(NULL, 0x2000, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (bar == MAP_FAILED) {
		perror("bench");
		return 1;
	}
	/* A controller that is disabled has no queues, and drops what comes for their doorbells. */
	bar[NVME_CC] = 0;
	while (bar[NVME_CSTS] & NVME_CSTS_RDY)
		continue;
	for (int i = 0; i < SAMPLES; i++) {
		measure("reads", batch_reads, bar);
		measure("writes", batch_writes, bar);
	}
	return 0;
}
