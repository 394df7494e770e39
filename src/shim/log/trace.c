/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "shim/log/trace.h"

#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "shim/log/log.h"
#include "shim/log/trace_ioctl.h"
#include "shim/log/trace_text.h"
#include "shim/next.h"
#include "shim/usermem.h"
#include "vfio/uapi.h"

/*
 * The numbers that VFIO's files were opened under, for their names alone: a number may be another
 * file's by now. A ring, for those of a VMM's whole life.
 */
#define FILES 64
#define PAGE  4096UL

struct file {
	_Atomic int fd;
	enum trace_kind kind;
	char path[48];
};

static struct file files[FILES];
static _Atomic unsigned int files_used;

/* The pointers as they were. */
static __typeof__(next_open) real_open;
static __typeof__(next_openat) real_openat;
static __typeof__(next___open_2) real_open_2;
static __typeof__(next___openat_2) real_openat_2;

bool trace_wanted(void)
{
	return log_wants(LOG_TRACE);
}

/* What was opened as `fd` last; NULL if nothing of VFIO's was. */
static const struct file *file_of(int fd)
{
	const unsigned int used = files_used;

	for (unsigned int i = used; i > 0 && used - i < FILES; i--) {
		const struct file *f = &files[(i - 1) % FILES];

		if (f->fd == fd)
			return f;
	}
	return NULL;
}

static void remember(int fd, const char *path, enum trace_kind kind)
{
	struct file *f = &files[atomic_fetch_add(&files_used, 1) % FILES];

	f->fd = -1;
	f->kind = kind;
	snprintf(f->path, sizeof(f->path), "%s", path);
	f->fd = fd;
}

void trace_keep_arg(struct trace_arg *ret, const void *arg)
{
	size_t to_page = PAGE - (uintptr_t)arg % PAGE;

	*ret = (struct trace_arg){0};
	if (usermem_readable(arg, TRACE_ARG_MAX))
		ret->len = TRACE_ARG_MAX;
	else if (to_page < TRACE_ARG_MAX && usermem_readable(arg, to_page))
		ret->len = to_page;
	if (ret->len)
		memcpy(ret->bytes, arg, ret->len);
}

/* An open is done: if it was one of VFIO, it is told, and what is behind it from now on. */
static int opened(const char *path, int flags, int fd)
{
	static const char dir[] = "/dev/vfio/";
	static const char devices[] = "/dev/vfio/devices/";
	struct trace_line line = {0};
	int error = errno;

	if (!usermem_readable(path, sizeof(dir)) || strncmp(path, dir, sizeof(dir) - 1) != 0)
		return fd;
	log_start();
	if (fd >= 0)
		remember(fd, path,
			 strcmp(path, "/dev/vfio/vfio") == 0		    ? TRACE_CONTAINER
			 : strncmp(path, devices, sizeof(devices) - 1) == 0 ? TRACE_DEVICE
									    : TRACE_GROUP);
	/* one that the kernel refused may not be terminated, nor readable to its end */
	trace_add(&line, "open(");
	trace_add_name(&line, path);
	trace_add(&line, ", 0x%x)", (unsigned int)flags);
	trace_add_result(&line, fd < 0 ? -error : fd);
	log_trace("%s", line.text);
	errno = error;
	return fd;
}

static int tracing_open(const char *path, int flags, ...)
{
	va_list ap;

	va_start(ap, flags);
	mode_t mode = va_arg(ap, mode_t);
	va_end(ap);
	return opened(path, flags, real_open(path, flags, mode));
}

static int tracing_openat(int dirfd, const char *path, int flags, ...)
{
	va_list ap;

	va_start(ap, flags);
	mode_t mode = va_arg(ap, mode_t);
	va_end(ap);
	return opened(path, flags, real_openat(dirfd, path, flags, mode));
}

static int tracing_open_2(const char *path, int flags)
{
	return opened(path, flags, real_open_2(path, flags));
}

static int tracing_openat_2(int dirfd, const char *path, int flags)
{
	return opened(path, flags, real_openat_2(dirfd, path, flags));
}

/* A pointer is put aside once: a second dlsym() may have found nothing, and left the tracer. */
#define INSTALL(next, real, tracer)                                                                \
	do {                                                                                       \
		if ((next) != (tracer)) {                                                          \
			(real) = (next);                                                           \
			(next) = (tracer);                                                         \
		}                                                                                  \
	} while (0)

void trace_install(void)
{
	log_read_variable();
	if (!trace_wanted())
		return;
	INSTALL(next_open, real_open, tracing_open);
	INSTALL(next_openat, real_openat, tracing_openat);
	INSTALL(next___open_2, real_open_2, tracing_open_2);
	INSTALL(next___openat_2, real_openat_2, tracing_openat_2);
}

void trace_device_ioctl(int fd, const struct device *dev, unsigned long request,
			const struct trace_arg *before, const void *arg, int result)
{
	struct trace_line line = {0};

	trace_add(&line, "ioctl(");
	trace_add_fd(&line, fd, dev->name);
	trace_add_ioctl(&line, TRACE_DEVICE, &dev->vfio, request, before, arg, result);
	log_trace("%s", line.text);
}

void trace_other_ioctl(int fd, unsigned long request, const struct trace_arg *before,
		       const void *arg, int result)
{
	static const char *const names[] = {[TRACE_CONTAINER] = "container",
					    [TRACE_GROUP] = "group",
					    [TRACE_DEVICE] = "device"};
	const bool is_bind = (uint32_t)request >= VFIO_DEVICE_BIND_IOMMUFD;
	const struct file *f = file_of(fd);
	const enum trace_kind kind = trace_kind_of(request, f	      ? f->kind
							    : is_bind ? TRACE_DEVICE
								      : TRACE_CONTAINER);
	struct trace_line line = {0};

	if (f && f->kind != kind)
		f = NULL;
	if (!trace_is_vfio(request) || (!f && result == -ENOTTY))
		return;
	trace_add(&line, "ioctl(");
	trace_add_fd(&line, fd, f ? f->path : names[kind]);
	trace_add_ioctl(&line, kind, NULL, request, before, arg, result);
	log_trace("%s", line.text);
}

void trace_get_device_fd(int group, const void *name, int result)
{
	const struct file *f = file_of(group);
	struct trace_line line = {0};

	if (f && f->kind != TRACE_GROUP)
		f = NULL;
	if (!f && !(result >= 0 && fdtab_get(result))) /* another driver's number */
		return;
	trace_add(&line, "ioctl(");
	trace_add_fd(&line, group, f ? f->path : "group");
	trace_add(&line, ", VFIO_GROUP_GET_DEVICE_FD, ");
	trace_add_name(&line, name);
	trace_add(&line, ")");
	trace_add_result(&line, result);
	log_trace("%s", line.text);
}

/* What was transferred, where it is in one piece. */
static void add_xfer_data(struct trace_line *line, const struct vfio_xfer *x, int64_t n)
{
	if (n > 0 && x->iovcnt == 1 && usermem_readable(x->iov->iov_base, (size_t)n))
		trace_add_data(line, x->iov->iov_base, (size_t)n);
}

void trace_xfer(const struct device *dev, const struct vfio_xfer *x, int64_t result)
{
	struct trace_line line = {0};
	size_t len = 0;

	for (int i = 0; i < x->iovcnt && usermem_readable(&x->iov[i], sizeof(*x->iov)); i++)
		len += x->iov[i].iov_len;
	trace_add(&line, "%s%s(", x->write ? "pwrite" : "pread", x->vector ? "v" : "");
	trace_add_fd(&line, x->fd, dev->name);
	trace_add(&line, ", ");
	trace_add_place(&line, &dev->vfio, x->offset);
	trace_add(&line, ", %zu", len);
	if (x->write && result > 0) {
		trace_add(&line, ",");
		add_xfer_data(&line, x, result);
	}
	trace_add(&line, ")");
	trace_add_result(&line, result);
	if (!x->write)
		add_xfer_data(&line, x, result);
	log_trace("%s", line.text);
}

void trace_mmap(int fd, const struct device *dev, size_t len, int prot, int flags, uint64_t offset,
		const void *result, int error)
{
	static const struct trace_flag prots[] = {
		{PROT_READ, "READ"}, {PROT_WRITE, "WRITE"}, {PROT_EXEC, "EXEC"}};
	static const struct trace_flag names[] = {
		{MAP_SHARED_VALIDATE, "SHARED_VALIDATE"},
		{MAP_SHARED, "SHARED"},
		{MAP_PRIVATE, "PRIVATE"},
		{MAP_FIXED, "FIXED"},
	};
	struct trace_line line = {0};

	trace_add(&line, "mmap(");
	trace_add_fd(&line, fd, dev->name);
	trace_add(&line, ", ");
	trace_add_place(&line, &dev->vfio, offset);
	trace_add(&line, ", 0x%zx, ", len);
	trace_add_flags(&line, (uint32_t)prot, prots, sizeof(prots) / sizeof(prots[0]));
	trace_add(&line, ", ");
	trace_add_flags(&line, (uint32_t)flags, names, sizeof(names) / sizeof(names[0]));
	trace_add(&line, ")");
	if (result == MAP_FAILED)
		trace_add_result(&line, -error);
	else
		trace_add(&line, " = %p", result);
	log_trace("%s", line.text);
}
