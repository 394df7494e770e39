/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A device that is plugged into a running QEMU and taken out again, thousands of times, grows
 * nothing: as many descriptors, mappings, bytes on the heap, and files of the fake after the last
 * cycle as after the hundredth. Prints TAP.
 *
 *   hotplug --libdir DIR --description FILE --target TARGET --bar BAR [--qemu PATH] [--iommufd]
 *           [--cycles N] [-- OPTION...]
 *
 * BAR, which the device has under TARGET alone, is looked for in each cycle. What follows "--" is
 * for QEMU. No guest runs: who plugs the device also does what a guest does to let go of it, a
 * write to the eject register of ACPI's hotplug. What QEMU frees by RCU is waited for.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <json-c/json.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cli/library.h"
#include "cli/options.h"
#include "qemu/qemu.h"
#include "qmp_until.h"

#define HOST  "0000:01:00.0" /* of each description */
#define SLOT  "4"
#define EJECT "o/w 0xae08 0x10" /* 1 << SLOT: QEMU's docs/specs/acpi_pci_hotplug.txt */
#define EARLY 100

struct options {
	const char *libdir, *description, *target, *bar, *qemu;
	unsigned int cycles;
	bool iommufd; /* by the device's own node; QEMU 9 and later */
};

struct growth {
	int64_t fds, mappings, blocks, bytes, files;
};

static const volatile int64_t *heap; /* of QEMU: blocks, bytes */
static char heap_path[64];

static void die(const char *what)
{
	printf("Bail out! %s\n", what);
	exit(1);
}

static void share_heap(void)
{
	int fd = memfd_create("heap", MFD_CLOEXEC);

	if (fd < 0 || ftruncate(fd, 2 * sizeof(*heap)))
		die("cannot make a file in memory");
	heap = mmap(NULL, 2 * sizeof(*heap), PROT_READ, MAP_SHARED, fd, 0);
	if (heap == MAP_FAILED)
		die("cannot map it");
	snprintf(heap_path, sizeof(heap_path), "/proc/%d/fd/%d", (int)getpid(), fd);
}

static struct json_object *arguments(const char *const *pairs)
{
	struct json_object *object = json_object_new_object();

	for (; *pairs; pairs += 2)
		json_object_object_add(object, pairs[0], json_object_new_string(pairs[1]));
	return object;
}

static bool has_bar(struct qemu *q, const char *bar)
{
	char *text = NULL, wanted[16];

	snprintf(wanted, sizeof(wanted), "%s:", bar);

	bool found = qemu_hmp(q, "info pci", &text) == 0 && strstr(text, wanted);

	free(text);
	return found;
}

/* One cycle; whether the device was there, and was relocated. */
static bool plug_and_unplug(struct qemu *q, const struct options *o)
{
	const char *const add[] = {"driver",
				   "vfio-pci",
				   "id",
				   "dut",
				   "host",
				   HOST,
				   "bus",
				   "pci.0",
				   "addr",
				   SLOT,
				   o->iommufd ? "iommufd" : NULL,
				   "iommufd0",
				   NULL};
	static const char *const del[] = {"id", "dut", NULL};
	static const char *const eject[] = {"command-line", EJECT, NULL};

	if (has_bar(q, o->bar) || qemu_qmp(q, "device_add", arguments(add), NULL) < 0)
		return false;

	bool there = has_bar(q, o->bar);

	return qemu_qmp(q, "device_del", arguments(del), NULL) == 0 &&
	       qmp_until(q, "human-monitor-command", arguments(eject), "DEVICE_DELETED") == 0 &&
	       there;
}

static DIR *open_proc(const struct qemu *q, const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)q->pid, name);

	DIR *dir = opendir(path);

	if (!dir)
		die(path);
	return dir;
}

/* Whether a thread waits for something, by its stat: "PID (NAME) S ...". */
static bool is_asleep(const struct qemu *q, const char *thread)
{
	char path[320], text[512] = "";

	snprintf(path, sizeof(path), "/proc/%d/task/%s/stat", (int)q->pid, thread);

	FILE *f = fopen(path, "r");
	const char *end = NULL;

	if (f && fgets(text, sizeof(text), f))
		end = strrchr(text, ')');
	if (f)
		fclose(f);
	return !end || end[2] == 'S';
}

static bool all_asleep(const struct qemu *q)
{
	DIR *tasks = open_proc(q, "task");
	const struct dirent *task;
	bool asleep = true;

	while ((task = readdir(tasks)))
		asleep &= task->d_name[0] == '.' || is_asleep(q, task->d_name);
	closedir(tasks);
	return asleep;
}

/*
 * An answer comes before QEMU has freed what it was made of, and memory that RCU guards is freed by
 * another thread. device_add that fails waits for the latter. Two looks, since one thread
 * may wake another between them.
 */
static void wait_until_at_rest(struct qemu *q)
{
	char *text = NULL;
	int64_t blocks = 0;

	if (qemu_hmp(q, "device_add none", &text) < 0)
		die(qemu_error(q));
	free(text);
	for (int looks = 0; looks < 2;) {
		looks = all_asleep(q) && blocks == heap[0] ? looks + 1 : 0;
		blocks = heap[0];
		sched_yield();
	}
}

static int64_t count_fds(const struct qemu *q)
{
	DIR *fds = open_proc(q, "fd");
	const struct dirent *fd;
	int64_t n = 0;

	while ((fd = readdir(fds)))
		n += fd->d_name[0] != '.';
	closedir(fds);
	return n;
}

static int64_t count_mappings(const struct qemu *q)
{
	char path[64];
	int64_t n = 0;
	int c;

	snprintf(path, sizeof(path), "/proc/%d/maps", (int)q->pid);

	FILE *f = fopen(path, "r");

	if (!f)
		die(path);
	while ((c = getc(f)) != EOF)
		n += c == '\n';
	fclose(f);
	return n;
}

static int64_t files; /* that count_file() was called for */

static int count_file(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	files++;
	return 0;
}

/* Of the fake, in the directory that QEMU has for its own. */
static int64_t count_files(const struct qemu *q)
{
	files = 0;
	nftw(q->tempdir, count_file, 8, FTW_PHYS);
	return files;
}

static struct growth measure(struct qemu *q)
{
	wait_until_at_rest(q);
	return (struct growth){count_fds(q), count_mappings(q), heap[0], heap[1], count_files(q)};
}

static struct qemu *start(const struct options *o, const char *const *args)
{
	char *libdir, err[512], preload[4096 * 3], description[4096], target[64], counted[80];
	const char *const env[] = {preload, description, target, counted, NULL};

	if (library_find_both(o->libdir, &libdir, err, sizeof(err)) < 0)
		die(err);
	snprintf(preload, sizeof(preload),
		 "LD_PRELOAD=%s/" LIBRARY_SHIM ":%s/" LIBRARY_FAKE ":%s/libheap.so", libdir, libdir,
		 libdir);
	snprintf(description, sizeof(description), "FAKEVFIO=%s", o->description);
	snprintf(target, sizeof(target), "MSIXSHIM=%s", o->target);
	snprintf(counted, sizeof(counted), "TEST_HEAP=%s", heap_path);
	free(libdir);

	struct qemu *q = qemu_spawn(
		&(struct qemu_options){.path = o->qemu, .machine = "pc", .env = env, .args = args});

	if (!q)
		die("out of memory");
	if (qemu_ready(q) < 0)
		die(qemu_error(q));
	return q;
}

static bool equal(const char *what, unsigned int number, int64_t early, int64_t late)
{
	printf("%s %u - %s: %lld and %lld\n", early == late && late > 0 ? "ok" : "not ok", number,
	       what, (long long)early, (long long)late);
	return early == late && late > 0;
}

static int run(const struct options *o, const char *const *args)
{
	struct growth early = {0}, late;
	unsigned int done = 0;

	share_heap();

	struct qemu *q = start(o, args);

	while (done < o->cycles && plug_and_unplug(q, o)) {
		if (++done == EARLY)
			early = measure(q);
	}
	if (done < o->cycles)
		printf("# cycle %u: %s\n", done + 1,
		       *qemu_error(q) ? qemu_error(q) : "no such BAR");
	late = measure(q);

	bool good = done == o->cycles;

	printf("%s 1 - %u cycles under %s, %s in each\n", good ? "ok" : "not ok", done, o->target,
	       o->bar);
	good &= equal("descriptors", 2, early.fds, late.fds);
	good &= equal("mappings", 3, early.mappings, late.mappings);
	good &= equal("blocks on the heap", 4, early.blocks, late.blocks);
	good &= equal("bytes on the heap", 5, early.bytes, late.bytes);

	good &= equal("files of the fake", 6, early.files, late.files);

	bool ended = qemu_quit(q) == 0;

	printf("%s 7 - QEMU ends\n1..7\n", ended ? "ok" : "not ok");
	qemu_free(q);
	return !good || !ended;
}

static const char usage[] = "hotplug --libdir DIR --description FILE --target TARGET --bar BAR "
			    "[--qemu PATH] [--iommufd]\n"
			    "        [--cycles N] [-- OPTION...]\n";

int main(int argc, char **argv)
{
	struct options o = {.qemu = "qemu-system-x86_64"};
	const char *cycles = "2000";
	const struct option_place places[] = {
		{"libdir", &o.libdir, NULL}, {"description", &o.description, NULL},
		{"target", &o.target, NULL}, {"bar", &o.bar, NULL},
		{"qemu", &o.qemu, NULL},     {"iommufd", NULL, &o.iommufd},
		{"cycles", &cycles, NULL},   {NULL, NULL, NULL},
	};
	int status;

	if (!options_parse(argc, argv, places, usage, &status))
		return status;
	o.cycles = (unsigned int)strtoul(cycles, NULL, 0);
	if (!o.libdir || !o.description || !o.target || !o.bar || o.cycles <= EARLY)
		return 2;
	return run(&o, (const char *const *)argv + optind);
}
