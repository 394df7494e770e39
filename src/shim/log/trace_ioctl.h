/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * VFIO's ioctls in words. Numbers mean one thing on a device and another on a container.
 */
#ifndef SHIM_TRACE_IOCTL_H
#define SHIM_TRACE_IOCTL_H

#include "shim/log/trace.h"
#include "shim/log/trace_text.h"

enum trace_kind {
	TRACE_CONTAINER,
	TRACE_GROUP,
	TRACE_DEVICE,
};

/* Whether a request of VFIO's type is VFIO's, and not iommufd's. */
bool trace_is_vfio(unsigned long request);

/*
 * What kind of file answers `request`: `otherwise` for the higher numbers, which containers and
 * devices have for their own requests.
 */
enum trace_kind trace_kind_of(unsigned long request, enum trace_kind otherwise);

/*
 * Appends number, argument and result: ", VFIO_..., {...}) = 0 {...}". `dev` is for places
 * and may be NULL. `arg` is the caller's memory: it is read only where it can be.
 */
void trace_add_ioctl(struct trace_line *line, enum trace_kind kind, const struct vfio_dev *dev,
		     unsigned long request, const struct trace_arg *before, const void *arg,
		     int result);

/*
 * Appends the name of a device as the caller gives it, in quotes; its address if it can't be
 * read. Of what follows a blank only that it is there: it holds the token of a virtual
 * function, which is a secret.
 */
void trace_add_name(struct trace_line *line, const char *name);

#endif
