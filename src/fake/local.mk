# SPDX-License-Identifier: GPL-2.0-or-later
# fake: libfakevfio.so
pkglib_LTLIBRARIES += libfakevfio.la
libfakevfio_la_SOURCES = \
	%D%/control.c %D%/control.h \
	%D%/entry/entry.h %D%/entry/fd.c %D%/entry/map.c %D%/entry/path.c \
	%D%/file.c %D%/file.h \
	%D%/iommu.h \
	%D%/iommufd/abi.h \
	%D%/iommufd/call.c %D%/iommufd/call.h \
	%D%/iommufd/device.c %D%/iommufd/device.h \
	%D%/iommufd/hw_pagetable.c %D%/iommufd/hw_pagetable.h \
	%D%/iommufd/io_pagetable.c %D%/iommufd/io_pagetable.h \
	%D%/iommufd/ioas.c %D%/iommufd/ioas.h \
	%D%/iommufd/iommufd.c %D%/iommufd/iommufd.h \
	%D%/iommufd/vfio_compat.c %D%/iommufd/vfio_compat.h \
	%D%/load.c %D%/load.h \
	%D%/log.c %D%/log.h \
	%D%/node.c %D%/node.h \
	%D%/page.h \
	%D%/pci/cdev.c %D%/pci/cdev.h \
	%D%/pci/config/cfg.c %D%/pci/config/cfg.h \
	%D%/pci/config/cfg_perm.c %D%/pci/config/cfg_perm.h \
	%D%/pci/container.c %D%/pci/container.h \
	%D%/pci/dev.c %D%/pci/dev.h %D%/pci/dev_ioctl.c %D%/pci/dev_ioctl.h \
	%D%/pci/feature.c %D%/pci/feature.h \
	%D%/pci/group.c %D%/pci/group.h \
	%D%/pci/hot_reset.c %D%/pci/hot_reset.h \
	%D%/pci/ioeventfd.c %D%/pci/ioeventfd.h \
	%D%/pci/irq/event.c %D%/pci/irq/event.h \
	%D%/pci/irq/irq.c %D%/pci/irq/irq.h \
	%D%/pci/irq/irq_set.c %D%/pci/irq/irq_set.h \
	%D%/pci/mem.c %D%/pci/mem.h \
	%D%/pci/rdwr.c %D%/pci/rdwr.h \
	%D%/pci/type1.c %D%/pci/type1.h \
	%D%/share.c %D%/share.h \
	%D%/state.c %D%/state.h \
	%D%/sys.h \
	%D%/sysfs.c %D%/sysfs.h \
	%D%/user.c %D%/user.h \
	%D%/vma.c %D%/vma.h
libfakevfio_la_LDFLAGS = $(preload_ldflags)
libfakevfio_la_LIBADD = libdesc.la
EXTRA_DIST += %D%/README.md

# what a test in the same process may ask the fake for
pkginclude_HEADERS = include/msixshim/fakevfio.h
