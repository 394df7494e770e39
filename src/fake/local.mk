# SPDX-License-Identifier: GPL-2.0-or-later
# fake: libfakevfio.so
pkglib_LTLIBRARIES += libfakevfio.la
libfakevfio_la_SOURCES = \
	%D%/control.c \
	%D%/entry.h %D%/entry_fd.c %D%/entry_map.c %D%/entry_path.c \
	%D%/fake.h \
	%D%/file.c \
	%D%/iommufd/hwpt.c \
	%D%/iommufd/ioas.c \
	%D%/iommufd/iommufd.c %D%/iommufd/iommufd.h %D%/iommufd/iommufd_abi.h \
	%D%/iommufd/iommufd_vfio.c \
	%D%/iommufd/iopt.c \
	%D%/load.c \
	%D%/log.c \
	%D%/pci/cdev.c \
	%D%/pci/cfg.c %D%/pci/cfg_perm.c \
	%D%/pci/container.c \
	%D%/pci/dev.c %D%/pci/dev_ioctl.c \
	%D%/pci/feature.c \
	%D%/pci/group.c \
	%D%/pci/hot_reset.c \
	%D%/pci/irq.c %D%/pci/irq.h %D%/pci/irq_set.c \
	%D%/pci/mem.c \
	%D%/pci/node.c \
	%D%/pci/rdwr.c \
	%D%/pci/type1.h \
	%D%/share.c \
	%D%/state.c \
	%D%/sys.h \
	%D%/sysfs.c \
	%D%/user.c \
	%D%/vma.c
libfakevfio_la_LDFLAGS = $(preload_ldflags)
libfakevfio_la_LIBADD = libdesc.la
EXTRA_DIST += %D%/README.md

# what a test in the same process may ask the fake for
pkginclude_HEADERS = include/msixshim/fakevfio.h
