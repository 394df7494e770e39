/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A small VFIO user: opens a device, as a VMM does. */
#ifndef TESTS_LIB_USER_H
#define TESTS_LIB_USER_H

#include <linux/vfio.h>
#include <stddef.h>
#include <stdint.h>

#include "gaps.h"

/* The device of each of descriptions/, and the group of one that names none. */
#define USER_NAME  "0000:01:00.0"
#define USER_GROUP "1"

/* VFIO_DEVICE_BIND_IOMMUFD, which older headers lack. */
#define USER_BIND _IO(VFIO_TYPE, VFIO_BASE + 18)

struct user_bind {
	uint32_t argsz;
	uint32_t flags;
	int32_t iommufd;
	uint32_t out_devid;
};

struct user {
	int container;
	int group;
	int device;
};

/*
 * Opens a device in one of these ways. 0, or -1 with errno, all that was opened closed again.
 *
 *   "1"              container, group number 1 and device `name`
 *   "compat:1"       the same with an iommufd for the container
 *   "devices/vfio0"  that node, bound to an iommufd, which is then the container
 *   "group:N"        device `name` of the group on descriptor N, which somebody else opened
 *   "node:N"         the node on descriptor N, bound to the iommufd on N + 1
 *   "fd:N"           the device on descriptor N
 *   "socket:N"       the device that comes over the socket on descriptor N
 */
int user_open(struct user *u, const char *way, const char *name);
void user_close(struct user *u);

/* VFIO_DEVICE_GET_REGION_INFO without capabilities; exits where even that fails. */
struct vfio_region_info user_region(const struct user *u, uint32_t index);

/* The device's first MSI-X vector signals eventfd `event`; for -1 none does any more. 0, or -1. */
int user_vector(int device, int event);

/* close_range(); where libc lacks it and nobody that has it is preloaded, the system call. */
int user_close_range(unsigned int first, unsigned int last, int flags);

/* How many composed BARs are mapped: shared memory without a file, where the fake's has one. */
int user_composed(void);

/* As many descriptors as a message may have here. */
#define USER_FDS 3

/* Sends descriptors over a socket, and gets exactly so many. 0, or -1. */
int user_send(int sock, const int *fds, size_t count);
int user_receive(int sock, int *fds, size_t count);

/* From here on system call `nr` fails with `error` in this process. 0, or -1 with errno. */
int user_refuse(uint32_t nr, uint32_t error);

#endif
