# SPDX-License-Identifier: GPL-2.0-or-later
# fake: libfakevfio.so
pkglib_LTLIBRARIES += libfakevfio.la
libfakevfio_la_SOURCES = \
	%D%/control.c %D%/entry/fd.c %D%/entry/map.c %D%/entry/path.c %D%/file.c \
	%D%/iommufd/call.c %D%/iommufd/device.c %D%/iommufd/hw_pagetable.c \
	%D%/iommufd/io_pagetable.c %D%/iommufd/ioas.c %D%/iommufd/iommufd.c \
	%D%/iommufd/vfio_compat.c %D%/load.c %D%/log.c %D%/node.c %D%/pci/cdev.c \
	%D%/pci/config/cfg.c %D%/pci/config/cfg_perm.c %D%/pci/container.c %D%/pci/dev.c \
	%D%/pci/dev_ioctl.c %D%/pci/feature.c %D%/pci/group.c %D%/pci/hot_reset.c \
	%D%/pci/ioeventfd.c %D%/pci/irq/event.c %D%/pci/irq/irq.c %D%/pci/irq/irq_set.c \
	%D%/pci/mem.c %D%/pci/rdwr.c %D%/pci/type1.c %D%/share.c %D%/state.c %D%/sysfs.c \
	%D%/user.c %D%/vma.c
libfakevfio_la_LDFLAGS = $(preload_ldflags)
libfakevfio_la_LIBADD = libdesc.la

# what a test in the same process may ask the fake for
pkginclude_HEADERS = include/msixshim/fakevfio.h
