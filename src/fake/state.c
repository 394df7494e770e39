/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake.h"
#include "sys.h"

#define NOTES_MAX 64

static struct fake_state *state;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static bool broken;

/* The whole of a file, NUL-terminated, to be freed; NULL if it can't be read. */
static char *read_text(const char *path, size_t *len)
{
	size_t size = 1 << 16, n = 0;
	char *text = malloc(size);
	int fd = sys_open(path, O_RDONLY | O_CLOEXEC, 0);
	ssize_t got = -1;

	while (fd >= 0 && text && (got = sys_read(fd, text + n, size - n - 1)) > 0) {
		n += (size_t)got;
		if (n == size - 1) {
			char *more = realloc(text, size *= 2);

			if (!more)
				got = -1;
			else
				text = more;
			if (!more)
				break;
		}
	}
	if (fd >= 0)
		sys_close(fd);
	if (got < 0) {
		free(text);
		return NULL;
	}
	text[n] = 0;
	*len = n;
	return text;
}

/* What an lspci text left open is said: a device that was made up in part is no surprise then. */
static void tell_notes(const char *path, const struct desc_notes *notes, const struct desc *devs)
{
	for (size_t i = 0; i < notes->count && i < notes->max; i++) {
		const struct desc_note *note = &notes->list[i];
		const struct desc_bdf *bdf = &devs[note->device].bdf;
		char bar[8] = "";

		if (note->bar >= PCI_BARS)
			snprintf(bar, sizeof(bar), "ROM: ");
		else if (note->bar >= 0)
			snprintf(bar, sizeof(bar), "BAR%d: ", note->bar);
		log_complain("fakevfio: note: %s: %04x:%02x:%02x.%x: %s%s", path, bdf->segment,
			     bdf->bus, bdf->slot, bdf->function, bar, note->text);
	}
}

static bool parse(const char *path, const char *text, size_t len, struct desc *devs, size_t max,
		  size_t *count)
{
	struct desc_note list[NOTES_MAX];
	struct desc_notes notes = {list, NOTES_MAX, 0};
	struct desc_error err;
	bool ok = desc_is_lspci(text, len)
			  ? desc_parse_lspci(text, len, devs, max, count, &notes, &err)
			  : desc_parse(text, len, devs, max, count, &err);

	if (!ok)
		log_complain("fakevfio: %s:%u:%u: %s", path, err.line, err.column, err.reason);
	else
		tell_notes(path, &notes, devs);
	return ok;
}

/* Where each file's own number is kept. */
static unsigned int new_id(void)
{
	static unsigned int next;

	return next++;
}

static void add_dev(const struct desc *desc)
{
	struct fake_dev *d = &state->devs[state->nr_devs++];

	d->desc = *desc;
	d->file.id = new_id();
	d->shut_file.id = new_id();
	snprintf(d->name, sizeof(d->name), "%04x:%02x:%02x.%x", desc->bdf.segment, desc->bdf.bus,
		 desc->bdf.slot, desc->bdf.function);
	irq_init(d);
	if (fake_group_number(desc->group))
		return;

	struct fake_group *g = &state->groups[state->nr_groups++];

	g->number = desc->group;
	g->file.id = new_id();
}

/* In the same text the parser tells. */
static bool check_new(const char *path, const struct desc_bdf *bdf)
{
	for (uint32_t i = 0; i < state->nr_devs; i++) {
		if (!desc_bdf_equal(&state->devs[i].desc.bdf, bdf))
			continue;
		log_complain("fakevfio: %s: another file describes %s too", path,
			     state->devs[i].name);
		return false;
	}
	return true;
}

static bool load_file(const char *path, struct desc *devs)
{
	size_t len, count;
	char *text = read_text(path, &len);
	bool ok;

	if (!text) {
		log_complain("fakevfio: %s: can't be read", path);
		return false;
	}
	ok = parse(path, text, len, devs, FAKE_DEVS - state->nr_devs, &count);
	free(text);
	for (size_t i = 0; ok && i < count; i++)
		ok = check_new(path, &devs[i].bdf);
	for (size_t i = 0; ok && i < count; i++)
		add_dev(&devs[i]);
	return ok;
}

/* Each file of the list, which ':' separates. */
static bool load(const char *list)
{
	struct desc *devs = malloc(FAKE_DEVS * sizeof(*devs));
	char path[4096];
	bool ok = devs != NULL;

	while (ok && *list) {
		size_t len = strcspn(list, ":");

		if (len && len < sizeof(path)) {
			memcpy(path, list, len);
			path[len] = 0;
			ok = load_file(path, devs);
		}
		list += len + (list[len] == ':');
	}
	free(devs);
	return ok;
}

bool fake_wanted(void)
{
	const char *list = getenv("FAKEVFIO");

	return list && *list;
}

static void init(void)
{
	const char *list = getenv("FAKEVFIO");
	pthread_mutexattr_t attr;
	int saved = errno;

	if (!fake_wanted())
		return;
	state = mmap(NULL, sizeof(*state), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (state == MAP_FAILED) {
		state = NULL;
		broken = true;
		return;
	}
	pthread_mutexattr_init(&attr);
	pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
	pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
	pthread_mutex_init(&state->lock, &attr);
	pthread_mutexattr_destroy(&attr);
	for (unsigned int i = 0; i < FAKE_CONTAINERS; i++)
		state->containers[i].file.id = new_id();
	for (unsigned int i = 0; i < FAKE_IOMMUFDS; i++)
		state->iommufds[i].file.id = new_id();
	broken = !load(list);
	if (broken)
		state->nr_devs = state->nr_groups = 0;
	errno = saved;
}

struct fake_state *fake_state(void)
{
	pthread_once(&once, init);
	return state;
}

bool fake_broken(void)
{
	return broken;
}

/*
 * Signals of the thread that holds the lock: a handler may call into the fake again.
 * initial-exec, since the general model needs __tls_get_addr() of the dynamic loader.
 */
static __thread sigset_t before_lock __attribute__((tls_model("initial-exec")));

void fake_lock(void)
{
	sigset_t all, old;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	/* Whoever died in a call, by SIGKILL, left the state as it is. */
	if (pthread_mutex_lock(&state->lock) == EOWNERDEAD)
		pthread_mutex_consistent(&state->lock);
	before_lock = old;
}

void fake_unlock(void)
{
	sigset_t old = before_lock;

	pthread_mutex_unlock(&state->lock);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
}

static struct fake_ref ref_of(const struct stat *st)
{
	for (uint32_t i = 0; i < state->nr_devs; i++) {
		if (fake_file_is(&state->devs[i].file, st))
			return (struct fake_ref){.kind = FAKE_DEVICE, .dev = &state->devs[i]};
	}
	for (uint32_t i = 0; i < state->nr_groups; i++) {
		if (fake_file_is(&state->groups[i].file, st))
			return (struct fake_ref){.kind = FAKE_GROUP, .group = &state->groups[i]};
	}
	for (unsigned int i = 0; i < FAKE_CONTAINERS; i++) {
		struct fake_container *c = &state->containers[i];

		if (fake_file_is(&c->file, st))
			return (struct fake_ref){.kind = FAKE_CONTAINER, .container = c};
	}
	for (unsigned int i = 0; i < FAKE_IOMMUFDS; i++) {
		struct fake_iommufd *iommufd = &state->iommufds[i];

		if (fake_file_is(&iommufd->file, st))
			return (struct fake_ref){.kind = FAKE_IOMMUFD, .iommufd = iommufd};
	}
	return (struct fake_ref){.kind = FAKE_NONE};
}

bool fake_is_vfio(const struct stat *st)
{
	return ref_of(st).kind != FAKE_NONE;
}

static const struct fake_file *file_of(const struct fake_ref *ref)
{
	switch (ref->kind) {
	case FAKE_DEVICE:
		return &ref->dev->file;
	case FAKE_GROUP:
		return &ref->group->file;
	case FAKE_IOMMUFD:
		return &ref->iommufd->file;
	default:
		return &ref->container->file;
	}
}

struct fake_ref fake_find(int fd)
{
	struct fake_ref ref = {.kind = FAKE_NONE};
	struct stat st;
	int saved = errno;

	if (fake_live() && fd >= 0 && !sys_fstat(fd, &st) && S_ISREG(st.st_mode)) {
		fake_lock();
		ref = ref_of(&st);
		if (ref.kind != FAKE_NONE)
			fake_file_adopt(file_of(&ref), fd);
		fake_unlock();
		ref.fd = fd;
		if (ref.kind == FAKE_DEVICE)
			ref.way = fake_file_way(fd);
	}
	errno = saved;
	return ref;
}

static bool group_used(const struct fake_group *g)
{
	for (uint32_t i = 0; i < state->nr_devs; i++) {
		if (state->devs[i].open && state->devs[i].desc.group == g->number)
			return true;
	}
	return fake_file_held(&g->file);
}

static bool container_used(const struct fake_container *c)
{
	uint32_t place = fake_container_place(c);

	for (uint32_t i = 0; i < state->nr_groups; i++) {
		if (state->groups[i].container == place)
			return true;
	}
	return fake_file_held(&c->file);
}

/* A device that is bound to it holds it, and so does a group that took it for a container. */
static bool iommufd_used(const struct fake_iommufd *iommufd)
{
	uint32_t place = fake_iommufd_place(iommufd);

	for (uint32_t i = 0; i < state->nr_devs; i++) {
		if (state->devs[i].iommufd == place)
			return true;
	}
	for (uint32_t i = 0; i < state->nr_groups; i++) {
		if (state->groups[i].iommufd == place)
			return true;
	}
	return fake_file_held(&iommufd->file);
}

void fake_collect(void)
{
	for (uint32_t i = 0; i < state->nr_devs; i++) {
		if (state->devs[i].open && !fake_file_held(&state->devs[i].file))
			dev_release(&state->devs[i]);
	}
	for (uint32_t i = 0; i < state->nr_groups; i++) {
		struct fake_group *g = &state->groups[i];

		if (g->open && !group_used(g)) {
			g->open = false;
			group_detach(g);
			log_line("group %u release", g->number);
		}
	}
	for (unsigned int i = 0; i < FAKE_CONTAINERS; i++) {
		struct fake_container *c = &state->containers[i];

		if (c->open && !container_used(c)) {
			c->open = false;
			log_line("container release");
		}
	}
	for (unsigned int i = 0; i < FAKE_IOMMUFDS; i++) {
		if (state->iommufds[i].open && !iommufd_used(&state->iommufds[i]))
			iommufd_release(&state->iommufds[i]);
	}
}

struct fake_dev *fake_dev_named(const char *name, size_t len)
{
	struct desc_bdf bdf;

	if (!desc_parse_bdf(name, len, &bdf))
		return NULL;
	for (uint32_t i = 0; i < state->nr_devs; i++) {
		if (desc_bdf_equal(&state->devs[i].desc.bdf, &bdf))
			return &state->devs[i];
	}
	return NULL;
}

struct fake_group *fake_group_number(uint64_t number)
{
	for (uint32_t i = 0; i < state->nr_groups; i++) {
		if (state->groups[i].number == number)
			return &state->groups[i];
	}
	return NULL;
}

struct fake_group *fake_group_named(const char *name, size_t len)
{
	char text[16];

	for (uint32_t i = 0; i < state->nr_groups; i++) {
		if ((size_t)snprintf(text, sizeof(text), "%u", state->groups[i].number) == len &&
		    memcmp(text, name, len) == 0)
			return &state->groups[i];
	}
	return NULL;
}

struct fake_group *fake_group_of(const struct fake_dev *d)
{
	return fake_group_number(d->desc.group);
}

unsigned int fake_dev_index(const struct fake_dev *d)
{
	return (unsigned int)(d - state->devs);
}

struct fake_container *fake_container_at(uint32_t place)
{
	return place ? &state->containers[place - 1] : NULL;
}

struct fake_iommufd *fake_iommufd_at(uint32_t place)
{
	return place ? &state->iommufds[place - 1] : NULL;
}

uint32_t fake_container_place(const struct fake_container *c)
{
	return c ? (uint32_t)(c - state->containers) + 1 : 0;
}

uint32_t fake_iommufd_place(const struct fake_iommufd *i)
{
	return i ? (uint32_t)(i - state->iommufds) + 1 : 0;
}
