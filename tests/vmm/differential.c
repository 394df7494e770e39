/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * QEMU's own MSI-X relocation as the oracle for the shim's: every description,
 * every target. Prints TAP, a line for each of them, and the counts; see `usage`.
 */
#include <errno.h>
#include <glob.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/device.h"
#include "cli/library.h"
#include "cli/options.h"
#include "core/choice.h"
#include "core/policy/policy.h"
#include "diff.h"
#include "generate.h"

static const char usage[] =
	"differential [OPTION...]\n"
	"\n"
	"  --libdir DIR        where the libraries are\n"
	"  --qemu PATH         another QEMU\n"
	"  --descriptions DIR  the devices of the files there\n"
	"  --generate N        as many that nobody built\n"
	"  --seed S            which of those\n"
	"  --only PATTERN      those that are called so\n"
	"  --real ADDRESS,ADDRESS  two equal devices of this host, bound to vfio-pci\n"
	"  --target TARGET     one target, not all by name\n"
	"  --page SIZE         as on a host with such pages, 64K\n"
	"  --sample            read samples of all BARs, none from end to end\n"
	"  --views             print what stands behind each BAR\n"
	"  --iommufd, --no-mmap, --root-port: how QEMU is given the device, see struct diff_way\n";

struct options {
	const char *libdir, *descriptions, *qemu, *only, *real, *preload;
	unsigned int generate;
	unsigned long seed;
	uint64_t page_size;
	bool all;   /* targets by name */
	int target; /* else this one, PLAN_AUTO or PLAN_ANY */
	struct diff_way way;
	bool sample;
	bool views;
};

struct totals {
	unsigned int cases, good, refused, compared; /* compared: both sides came up */
	struct diff_counts counts;
};

static char tempdir[64];
static volatile sig_atomic_t stopped;

static void on_signal(int number)
{
	stopped = number;
}

static void die(const char *what)
{
	printf("Bail out! %s\n", what);
	exit(1);
}

/* Removes the temporary directory and the files in it; nothing in it is a directory. */
static void remove_tempdir(void)
{
	char pattern[80];
	glob_t files;

	snprintf(pattern, sizeof(pattern), "%s/*", tempdir);
	if (glob(pattern, 0, NULL, &files) == 0) {
		for (size_t i = 0; i < files.gl_pathc; i++)
			unlink(files.gl_pathv[i]);
		globfree(&files);
	}
	rmdir(tempdir);
}

static void make_tempdir(void)
{
	strcpy(tempdir, "/tmp/msixshim-test-XXXXXX");
	if (!mkdtemp(tempdir))
		die("cannot make a directory in /tmp");
	atexit(remove_tempdir);
	signal(SIGINT, on_signal);
	signal(SIGTERM, on_signal);
	signal(SIGHUP, on_signal);
}

static bool load(const char *path, struct desc *desc)
{
	static char text[65536];
	struct desc_error error;
	size_t count;
	FILE *file = fopen(path, "r");

	if (!file)
		return false;

	size_t len = fread(text, 1, sizeof(text), file);

	fclose(file);
	if (desc_parse(text, len, desc, 1, &count, &error))
		return true;
	printf("# %s:%u:%u: %s\n", path, error.line, error.column, error.reason);
	return false;
}

static void sum(struct diff_counts *to, const struct diff_counts *from)
{
	to->compared += from->compared;
	to->equal += from->equal;
	to->differing += from->differing;
	to->skipped += from->skipped;
	for (int i = 0; i < DIFF_REASONS; i++)
		to->by_reason[i] += from->by_reason[i];
}

static void print_case(const struct diff_case *c, unsigned int number, const char *name, bool good)
{
	const char *asked = policy_target_name(c->asked), *target = policy_target_name(c->target);
	bool told = c->asked == c->target;

	printf("%s %u - %s %s%s%s%s: ", good ? "ok" : "not ok", number, name, asked,
	       told ? "" : " (", told ? "" : target, told ? "" : ")");
	if (!good)
		printf("%s (%llu in all)\n", c->first, (unsigned long long)c->counts.differing);
	else if (c->note[0])
		printf("refused%s: %s\n", c->both_refused ? " by both" : "", c->note);
	else
		printf("%llu values, %llu equal%s%s\n", (unsigned long long)c->counts.compared,
		       (unsigned long long)c->counts.equal, c->skipped[0] ? "; skipped: " : "",
		       c->skipped);
	fflush(stdout);
}

/* What the guest under the shim finds behind each BAR, and how much of it KVM could map. */
static void print_views(const struct diff_case *c)
{
	for (int bar = 0; bar < PCI_BARS; bar++) {
		const struct guest_view *view = &c->side[SHIM].views[bar];

		if (!view->count)
			continue;
		for (size_t i = 0; i < view->count; i++)
			printf("# bar%d 0x%llx-0x%llx %s\n", bar,
			       (unsigned long long)view->ranges[i].start,
			       (unsigned long long)view->ranges[i].end - 1,
			       guest_backing_name(view->ranges[i].backing));
		printf("# bar%d direct in whole pages: %llu of %llu bytes\n", bar,
		       (unsigned long long)guest_view_whole_pages(view, c->page_size),
		       (unsigned long long)view->ranges[view->count - 1].end);
	}
}

/* What comes of a asked. */
static int chosen(const struct desc *desc, uint64_t page_size, int asked)
{
	struct plan_facts facts;
	struct choice choice;

	if (asked >= PLAN_OFF)
		return asked;
	desc_facts(desc, page_size, &facts);
	choice_make(&facts, asked, false, &choice);
	return choice.target;
}

/* A device, and who has it. */
struct subject {
	struct desc desc;
	char name[64];
	const char *path; /* of its description; NULL: it is real */
	const char *host[SIDES];
};

static void run_target(const struct options *o, const struct subject *subject, int asked,
		       struct totals *totals)
{
	static struct diff_case c;

	c = (struct diff_case){
		.qemu = o->qemu,
		.libdir = o->libdir,
		.tempdir = tempdir,
		.description = subject->path,
		.host = {subject->host[NATIVE], subject->host[SHIM]},
		.desc = &subject->desc,
		.preload = o->preload,
		.page_size = o->page_size,
		.way = o->way,
		.sample = o->sample,
		.asked = asked,
		.target = chosen(&subject->desc, o->page_size, asked),
	};

	bool good = diff_run(&c);

	print_case(&c, ++totals->cases, subject->name, good);
	if (o->views)
		print_views(&c);
	totals->good += good;
	totals->refused += c.both_refused;
	totals->compared += !c.side[NATIVE].refused && !c.side[SHIM].refused;
	sum(&totals->counts, &c.counts);
}

static void run_targets(const struct options *o, const struct subject *subject,
			struct totals *totals)
{
	if (!o->all)
		run_target(o, subject, o->target, totals);
	for (int target = PLAN_OFF; o->all && target < PCI_BARS && !stopped; target++)
		run_target(o, subject, target, totals);
}

static void run_description(const struct options *o, const char *path, struct totals *totals)
{
	static struct subject subject;
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;

	subject = (struct subject){.path = path, .host = {DIFF_HOST, DIFF_HOST}};
	snprintf(subject.name, sizeof(subject.name), "%.*s", (int)strcspn(name, "."), name);
	if (load(path, &subject.desc))
		run_targets(o, &subject, totals);
	else
		printf("not ok %u - %s: is no description of a device\n", ++totals->cases, path);
}

static void run_descriptions(const struct options *o, const char *dir, struct totals *totals)
{
	char pattern[4096];
	glob_t files;

	snprintf(pattern, sizeof(pattern), "%s/%s.desc", dir, o->only);
	if (glob(pattern, 0, NULL, &files))
		die("no description there");
	for (size_t i = 0; i < files.gl_pathc && !stopped; i++)
		run_description(o, files.gl_pathv[i], totals);
	globfree(&files);
}

/* `real` is "ADDRESS,ADDRESS": the first for QEMU by itself, the second for the shim. */
static void run_real(const struct options *o, struct totals *totals)
{
	static struct subject subject;
	static char native[PCI_BDF_SIZE];
	const char *comma = strchr(o->real, ',');
	struct devices found;
	char err[512];

	if (!comma || (size_t)(comma - o->real) >= sizeof(native))
		die("--real takes two addresses, 0000:01:00.0,0000:02:00.0");
	memcpy(native, o->real, (size_t)(comma - o->real));
	if (devices_find(native, &found, err, sizeof(err)) < 0)
		die(err);
	subject = (struct subject){.desc = found.list[0].desc, .host = {native, comma + 1}};
	snprintf(subject.name, sizeof(subject.name), "%s", native);
	devices_free(&found);
	run_targets(o, &subject, totals);
}

static void print_totals(const struct totals *t)
{
	const struct diff_counts *n = &t->counts;

	printf("1..%u\n", t->cases);
	printf("# cases: %u, as they should be: %u, refused by both: %u\n", t->cases, t->good,
	       t->refused);
	printf("# compared: %llu, equal: %llu, without a reason: %llu, steps skipped: %llu\n",
	       (unsigned long long)n->compared, (unsigned long long)n->equal,
	       (unsigned long long)n->differing, (unsigned long long)n->skipped);
	for (int i = 0; i < DIFF_REASONS; i++)
		if (n->by_reason[i])
			printf("# differing with a reason: %llu: %s\n",
			       (unsigned long long)n->by_reason[i], diff_reasons[i]);
}

static int run_all(const struct options *o)
{
	struct totals totals = {0};

	if (o->real)
		run_real(o, &totals);
	else
		run_descriptions(o, o->generate ? tempdir : o->descriptions, &totals);
	if (stopped)
		die("interrupted");
	print_totals(&totals);
	/* Any two programs that fail alike would do for that; a single case may be a refusal. */
	if (totals.cases > 1 && !totals.compared)
		die("all was refused, nothing was compared");
	return totals.good != totals.cases;
}

/* For every QEMU from now on. */
static void set_page_size(struct options *o)
{
	static char path[4096], size[32];

	snprintf(path, sizeof(path), "%s/libpagesize.so", o->libdir);
	if (access(path, R_OK) < 0)
		die("--page needs libpagesize.so beside the other libraries");
	snprintf(size, sizeof(size), "%llu", (unsigned long long)o->page_size);
	setenv("TEST_PAGE_SIZE", size, 1);
	o->preload = path;
}

static int run(const struct options *o)
{
	char command[512], err[512], *libdir;
	struct options options = *o;

	snprintf(command, sizeof(command), "command -v '%s' >/dev/null", o->qemu);
	if (system(command)) {
		printf("1..0 # SKIP %s is not installed\n", o->qemu);
		return 0;
	}
	if (library_find_both(o->libdir, &libdir, err, sizeof(err)) < 0)
		die(err);
	options.libdir = libdir;
	if (o->page_size)
		set_page_size(&options);
	else
		options.page_size = (uint64_t)sysconf(_SC_PAGESIZE);
	make_tempdir();
	for (unsigned int i = 0; i < o->generate; i++)
		if (generate(tempdir, i, o->seed) < 0)
			die("cannot write a generated description");

	int status = run_all(&options);

	free(libdir);
	return status;
}

static bool parse(int argc, char **argv, struct options *o, int *status)
{
	const char *generated = "0", *seed = "1", *target = NULL, *page = NULL;
	const struct option_place places[] = {
		{"libdir", &o->libdir, NULL},
		{"descriptions", &o->descriptions, NULL},
		{"qemu", &o->qemu, NULL},
		{"generate", &generated, NULL},
		{"seed", &seed, NULL},
		{"only", &o->only, NULL},
		{"real", &o->real, NULL},
		{"target", &target, NULL},
		{"page", &page, NULL},
		{"sample", NULL, &o->sample},
		{"views", NULL, &o->views},
		{"iommufd", NULL, &o->way.iommufd},
		{"no-mmap", NULL, &o->way.no_mmap},
		{"root-port", NULL, &o->way.root_port},
		{NULL, NULL, NULL},
	};

	if (!options_parse(argc, argv, places, usage, status))
		return false;
	o->generate = (unsigned int)strtoul(generated, NULL, 0);
	o->seed = strtoul(seed, NULL, 0);
	o->all = !target;
	if (target && !policy_parse_target(target, &o->target))
		die("--target takes off, auto, any, or bar0 to bar5");
	if (page && !policy_parse_page(page, &o->page_size))
		die("--page takes a page size, 64K");
	return true;
}

int main(int argc, char **argv)
{
	struct options o = {
		.libdir = ".libs",
		.descriptions = "descriptions",
		.qemu = "qemu-system-x86_64",
		.only = "*",
	};
	int status;

	return parse(argc, argv, &o, &status) ? run(&o) : status;
}
