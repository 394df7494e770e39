/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake.h"
#include "sys.h"

#define NOTES_MAX 64

static struct fake_state *state;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static bool broken;
static atomic_bool live;

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

static void add_dev(const struct desc *desc)
{
	struct fake_dev *d = &state->devs[state->nr_devs++];

	d->desc = *desc;
	d->file.fd = d->shut_fd = -1;
	snprintf(d->name, sizeof(d->name), "%04x:%02x:%02x.%x", desc->bdf.segment, desc->bdf.bus,
		 desc->bdf.slot, desc->bdf.function);
	irq_init(d);
	if (fake_group_number(desc->group))
		return;

	struct fake_group *g = &state->groups[state->nr_groups++];

	g->number = desc->group;
	g->file.fd = -1;
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

static void init(void)
{
	const char *list = getenv("FAKEVFIO");
	pthread_mutexattr_t attr;
	int saved = errno;

	if (!list || !*list)
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
	pthread_mutex_init(&state->lock, &attr);
	pthread_mutexattr_destroy(&attr);
	for (unsigned int i = 0; i < FAKE_CONTAINERS; i++)
		state->containers[i].file.fd = -1;
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

bool fake_live(void)
{
	return atomic_load_explicit(&live, memory_order_acquire);
}

void fake_lock(void)
{
	pthread_mutex_lock(&state->lock);
}

void fake_unlock(void)
{
	pthread_mutex_unlock(&state->lock);
}

static bool same_file(const struct fake_file *f, const struct stat *st)
{
	return f->fd >= 0 && f->ino == st->st_ino && f->dev == st->st_dev;
}

static struct fake_ref find_locked(const struct stat *st)
{
	for (uint32_t i = 0; i < state->nr_devs; i++) {
		if (same_file(&state->devs[i].file, st))
			return (struct fake_ref){.kind = FAKE_DEVICE, .dev = &state->devs[i]};
	}
	for (uint32_t i = 0; i < state->nr_groups; i++) {
		if (same_file(&state->groups[i].file, st))
			return (struct fake_ref){.kind = FAKE_GROUP, .group = &state->groups[i]};
	}
	for (unsigned int i = 0; i < FAKE_CONTAINERS; i++) {
		struct fake_container *c = &state->containers[i];

		if (same_file(&c->file, st))
			return (struct fake_ref){.kind = FAKE_CONTAINER, .container = c};
	}
	return (struct fake_ref){.kind = FAKE_NONE};
}

struct fake_ref fake_find(int fd)
{
	struct fake_ref ref = {.kind = FAKE_NONE};
	struct stat st;
	int saved = errno;

	if (fake_live() && fd >= 0 && !sys_fstat(fd, &st) && S_ISREG(st.st_mode)) {
		fake_lock();
		ref = find_locked(&st);
		fake_unlock();
	}
	errno = saved;
	return ref;
}

static int file_create(struct fake_file *f, const char *name, uint64_t size)
{
	struct stat st;
	int fd = (int)sys_ret(memfd_create(name, MFD_CLOEXEC));

	if (fd < 0)
		return fd;
	/* Out of the way of programs that count on the lowest free number. */
	f->fd = sys_dup_high(fd);
	sys_close(fd);
	if (f->fd < 0)
		return f->fd;
	if (ftruncate(f->fd, (off_t)size) || sys_fstat(f->fd, &st)) {
		sys_close(f->fd);
		f->fd = -1;
		return -ENOMEM;
	}
	f->dev = st.st_dev;
	f->ino = st.st_ino;
	return 0;
}

int fake_file_open(struct fake_file *f, const char *name, uint64_t size, int flags)
{
	struct flock lock = {.l_type = F_RDLCK, .l_whence = SEEK_SET};
	char path[32];
	int fd, error = f->fd >= 0 ? 0 : file_create(f, name, size);

	if (error)
		return error;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", f->fd);
	fd = sys_open(path, O_RDWR | (flags & O_CLOEXEC), 0);
	if (fd < 0)
		return fd;
	error = sys_fcntl(fd, F_OFD_SETLK, &lock);
	if (error) {
		sys_close(fd);
		return error;
	}
	atomic_store_explicit(&live, true, memory_order_release);
	return fd;
}

/* Whether any description that was handed out is still open, here or elsewhere. */
static bool file_held(const struct fake_file *f)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

	if (f->fd < 0 || sys_fcntl(f->fd, F_OFD_GETLK, &lock))
		return false;
	return lock.l_type != F_UNLCK;
}

static bool group_used(const struct fake_group *g)
{
	for (uint32_t i = 0; i < state->nr_devs; i++) {
		if (state->devs[i].open && state->devs[i].desc.group == g->number)
			return true;
	}
	return file_held(&g->file);
}

static bool container_used(const struct fake_container *c)
{
	for (uint32_t i = 0; i < state->nr_groups; i++) {
		if (state->groups[i].container == c)
			return true;
	}
	return file_held(&c->file);
}

void fake_collect(void)
{
	for (uint32_t i = 0; i < state->nr_devs; i++) {
		if (state->devs[i].open && !file_held(&state->devs[i].file))
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

struct fake_group *fake_group_of(const struct fake_dev *d)
{
	return fake_group_number(d->desc.group);
}
