/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The fake's state and what its parts offer to each other.
 *
 * All state lies in memory shared with forked children, or with all processes that name it by
 * FAKEVFIO_STATE, under one lock. A VFIO file is a description of a memfd, or of a file in that
 * directory; every description that the fake hands out holds an open file description lock, so the
 * kernel keeps count of them over dup, fork, SCM_RIGHTS and mappings: a device, group or container
 * is closed once nobody holds its lock.
 *
 * Functions return 0 or a value, or -errno, as the kernel's do; the caller holds the
 * lock unless said otherwise.
 */
#ifndef FAKE_FAKE_H
#define FAKE_FAKE_H

#include <limits.h>
#include <linux/vfio.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "desc/desc.h"
#include "fake/iommufd/abi.h"
#include "fake/pci/irq/event.h"

#define FAKE_DEVS	32
#define FAKE_CONTAINERS 32
#define FAKE_IOMMUFDS	8
#define FAKE_FILES	(3 * FAKE_DEVS + FAKE_CONTAINERS + FAKE_IOMMUFDS)
#define FAKE_MAPPINGS	4096
#define FAKE_IOEVENTFDS 1000
#define FAKE_NAME	"fakevfio:" /* start of the name of each file */
#define FAKE_MSIX_MAX	2048
#define FAKE_RW_MAX	((size_t)INT_MAX & ~(size_t)4095) /* MAX_RW_COUNT */

#define REGION_SHIFT	 40
#define REGION_OFFSET(i) ((uint64_t)(i) << REGION_SHIFT)
#define REGION_MASK	 (REGION_OFFSET(1) - 1)

/* What an x86 IOMMU does not let be mapped: the interrupt window, and all behind 48 bits. */
#define FAKE_MSI_START 0xfee00000ULL
#define FAKE_MSI_LAST  0xfeefffffULL
#define FAKE_IOVA_LAST 0xffffffffffffULL

/* Numbers of the nodes: the kernel's for the container, made up for the others. */
#define FAKE_MISC_MAJOR	 10
#define FAKE_VFIO_MINOR	 196
#define FAKE_IOMMU_MINOR 123
#define FAKE_GROUP_MAJOR 510
#define FAKE_CDEV_MAJOR	 511

enum fake_kind { FAKE_NONE, FAKE_CONTAINER, FAKE_GROUP, FAKE_DEVICE, FAKE_IOMMUFD };

/* How a device's file was opened; by its own node, it answers once it is bound to an iommufd. */
enum fake_way { FAKE_BY_GROUP, FAKE_UNBOUND, FAKE_BOUND };

/* A memfd, or a file in the shared directory, behind descriptions that are handed out. */
struct fake_file {
	unsigned int id; /* below FAKE_FILES, its own */
	char name[40];	 /* FAKE_NAME KIND "." ID */
	pid_t pid;	 /* of the process that made it; 0 before its first use */
	dev_t dev;
	ino_t ino;
};

struct fake_irqs {
	int active;	  /* VFIO_PCI_{INTX,MSI,MSIX}_IRQ_INDEX, or -1 */
	uint32_t vectors; /* MSI, MSI-X: allocated */
	uint8_t msi_qmax; /* log2 of MSI's, rounded up, when it was last on */
	struct fake_event trigger[FAKE_MSIX_MAX]; /* of the active index */
	uint8_t pending[FAKE_MSIX_MAX];
	struct fake_event unmask; /* INTx */
	bool intx_masked;
	struct fake_event err;
	struct fake_event req;
};

struct fake_ioeventfd {
	uint64_t pos;
	uint64_t data;
	uint32_t count;
	bool used;
};

struct fake_dev {
	struct desc desc;
	struct fake_file file;
	bool open;
	bool cdev;	  /* opened by its own node */
	uint32_t iommufd; /* the place of the one that it is an object of, or 0 */
	uint32_t devid;	  /* there */
	bool shut;	  /* the memory gate is closed: the contents are in shut_file */
	struct fake_file shut_file;
	char name[PCI_BDF_SIZE];	   /* of the address */
	uint8_t hw[PCI_CFG_EXT_SIZE];	   /* the hardware's configuration space */
	uint8_t vcfg[PCI_CFG_EXT_SIZE];	   /* the virtual one */
	uint8_t virt[PCI_CFG_EXT_SIZE];	   /* bits that are read from vcfg */
	uint8_t write[PCI_CFG_EXT_SIZE];   /* bits that can be written */
	uint16_t cap_of[PCI_CFG_EXT_SIZE]; /* start of the capability of a byte, 0 for none */
	struct pci_msix msix;		   /* as the kernel read it at the open */
	struct fake_irqs irqs;
	bool low_power;		/* mappings are gone until it is left */
	struct fake_event wake; /* of who wants to be told */
	struct fake_ioeventfd ioeventfds[FAKE_IOEVENTFDS];
};

struct fake_container {
	struct fake_file file;
	bool open;
	unsigned int iommu; /* VFIO_TYPE1_IOMMU, VFIO_TYPE1v2_IOMMU, or 0 */
	struct fake_mapping {
		uint64_t iova;
		uint64_t size; /* 0 for a free place */
	} mappings[FAKE_MAPPINGS];
};

struct fake_group {
	struct fake_file file;
	uint32_t number;
	bool open;
	uint32_t container; /* at most one of the two is not 0 */
	uint32_t iommufd;
};

#define IOMMU_OBJECTS	 64
#define IOAS_ALLOWED_MAX 16

enum iommu_type { OBJ_NONE, OBJ_IOAS, OBJ_HWPT, OBJ_DEVICE };

/* An object of an iommufd; its id is its place, from 1. What refers to others are ids, or 0. */
struct iommu_object {
	enum iommu_type type;
	uint32_t group;	     /* device: its IOMMU group */
	uint32_t hwpt;	     /* device: the page table that it is attached to */
	uint32_t ioas;	     /* page table: whose mappings it holds */
	bool automatic;	     /* page table: made by an attach */
	bool small_pages;    /* IOAS: huge pages are off */
	uint32_t nr_allowed; /* IOAS: where addresses are chosen, in ascending order */
	struct abi_range allowed[IOAS_ALLOWED_MAX];
};

struct fake_iommufd {
	struct fake_file file;
	bool open;
	bool account_mm;
	uint32_t vfio_ioas; /* for the ioctls of a container; 0 if there is none */
	struct iommu_object objects[IOMMU_OBJECTS];
	struct iommu_area {
		uint64_t iova;
		uint64_t size;	/* 0 for a free place */
		uint64_t start; /* the program's address, or the offset in a file */
		uint32_t ioas;
		pid_t pid;	/* who mapped it */
		int file_error; /* why a file can't be pinned, or 0 */
		bool file;
		bool writable; /* by the one who mapped it first */
	} areas[FAKE_MAPPINGS];
};

/* At another address in each process: what refers to a part of it is the part's place, from 1. */
struct fake_state {
	uint64_t magic; /* 0 before all the rest is there */
	pthread_mutex_t lock;
	struct fake_dev devs[FAKE_DEVS];
	uint32_t nr_devs;
	struct fake_group groups[FAKE_DEVS];
	uint32_t nr_groups;
	uint32_t nr_files; /* ids that were given */
	bool has_tree;	   /* the copy of sysfs is there */
	struct fake_container containers[FAKE_CONTAINERS];
	struct fake_iommufd iommufds[FAKE_IOMMUFDS];
};

/* What stands behind an fd of the program. */
struct fake_ref {
	enum fake_kind kind;
	struct fake_dev *dev;
	struct fake_group *group;
	struct fake_container *container;
	struct fake_iommufd *iommufd;
	enum fake_way way; /* of a device */
	int fd;
};

/* --- state.c: configuration, files, lifetimes --- */

/* Whether FAKEVFIO is set: without it no path is looked at. Without the lock. */
bool fake_wanted(void);
/* The state; NULL if FAKEVFIO is unset, or there is no memory. Without the lock. */
struct fake_state *fake_state(void);
/* Whether the descriptions could not be read: VFIO files then fail to open. */
bool fake_broken(void);
/* Signals are blocked while it is held; a process that dies with it lets it go. */
void fake_lock(void);
void fake_unlock(void);
/* Finds what stands behind fd. Without the lock; leaves errno alone. */
struct fake_ref fake_find(int fd);
/* Whether it is any VFIO file. */
bool fake_is_vfio(const struct stat *st);
/* Releases every device, group, container and iommufd that nobody holds any more. */
void fake_collect(void);
struct fake_dev *fake_dev_named(const char *name, size_t len);
struct fake_group *fake_group_number(uint64_t number);
/* By the name of its file, as the kernel writes it. */
struct fake_group *fake_group_named(const char *name, size_t len);
struct fake_group *fake_group_of(const struct fake_dev *d);
/* The N of vfioN, its own node. */
unsigned int fake_dev_index(const struct fake_dev *d);
/* What stands at a place of the state, NULL for place 0; and the place, 0 for NULL. */
struct fake_container *fake_container_at(uint32_t place);
struct fake_iommufd *fake_iommufd_at(uint32_t place);
uint32_t fake_container_place(const struct fake_container *c);
uint32_t fake_iommufd_place(const struct fake_iommufd *i);

/* --- share.c: a state that processes share by name --- */
/* The directory that FAKEVFIO_STATE names, NULL for none. */
const char *share_wanted(void);
/* Its real path; "" before share_open(), and if that failed. */
const char *share_dir(void);
/*
 * Makes the directory, if need be, and opens the state in it, `size` bytes: zeros, or one that is
 * finished and starts with `magic`. Returns an fd with a lock that keeps other processes out, for
 * share_done(); or, after one line that says why, -errno.
 */
int share_open(const char *path, uint64_t magic, size_t size);
/* Lets others in, and closes fd. */
void share_done(int fd);
/* Opens a file in the directory for reading and writing; `flags` may be O_CREAT and O_TRUNC. */
int share_open_file(const char *name, int flags);

/* --- load.c --- */
/*
 * Adds the devices of each file of the list, which ':' separates, to a state that nobody else
 * sees yet. False, after one line that says why, at the first file that is wrong.
 */
bool fake_load(struct fake_state *s, const char *list);

/* --- file.c: the files behind descriptors --- */

/* Whether any VFIO file was ever handed out: before that no fd is the fake's. */
bool fake_live(void);
/* Gives f its id and its name; `kind` is a file's in all but the id, without a '/'. */
void fake_file_init(struct fake_state *s, struct fake_file *f, const char *kind);
/* The kind in the target of a link to a file, false for another's. */
bool fake_file_kind(const char *link, char *kind, size_t size);
/* Opens one more description of f's file, with its lock; makes it if it is out of reach. */
int fake_file_open(struct fake_file *f, uint64_t size, int flags);
/* The same without the lock, for a device's own node: FAKE_UNBOUND. */
int fake_file_open_unbound(struct fake_file *f, uint64_t size, int flags);
/* From now on fd's description holds the lock: FAKE_BOUND. 0 or -errno. */
int fake_file_bind(int fd);
/* How the description of a device's fd came to be: kept in the description itself. */
enum fake_way fake_file_way(int fd);
/* Makes a file of `size` bytes; returns the fake's own fd of it, or -errno. */
int fake_file_create(struct fake_file *f, uint64_t size);
/* The fake's own fd of it, without a lock; -1 if this process has none (any more). */
int fake_file_fd(const struct fake_file *f);
/* Gets one through the program's fd, if there is none. */
void fake_file_adopt(const struct fake_file *f, int fd);
bool fake_file_is(const struct fake_file *f, const struct stat *st);
/* Whether any description that was handed out may still be open, here or elsewhere. */
bool fake_file_held(const struct fake_file *f);

/* --- dev.c, mem.c: one device's life and its memory --- */
void dev_open(struct fake_dev *d);
void dev_release(struct fake_dev *d);
/* Resets the hardware; `why` is for the transcript. */
void dev_reset(struct fake_dev *d, const char *why);
/* The same without the kernel restoring anything: somebody else reset the device. */
void dev_lose_state(struct fake_dev *d);
/* Reads and writes the hardware's memory behind BAR `bar`, anywhere inside it. */
int dev_mem_read(struct fake_dev *d, unsigned int bar, uint64_t offset, void *buf, size_t n);
int dev_mem_write(struct fake_dev *d, unsigned int bar, uint64_t offset, const void *buf, size_t n);
/* Opens or closes the memory gate for mappings, as the registers now say. */
void dev_update_gate(struct fake_dev *d);
/* Opens the memory gate of a device that nobody has open yet. */
void dev_mem_open(struct fake_dev *d);
/* The initial contents of all regions, the MSI-X structures as the host keeps them. */
void dev_mem_fill(struct fake_dev *d);
uint64_t dev_region_size(const struct fake_dev *d, unsigned int index);
bool dev_bar_mappable(const struct fake_dev *d, unsigned int bar);
/* Whether memory BARs answer: __vfio_pci_memory_enabled(). */
bool dev_memory_enabled(const struct fake_dev *d);
bool dev_in_d0(const struct fake_dev *d);
/* The host brings it to D0. */
void dev_power_on(struct fake_dev *d);

/* --- cfg.c: configuration space --- */
void cfg_init(struct fake_dev *d);
ssize_t cfg_read(struct fake_dev *d, void *user, size_t count, uint64_t pos);
ssize_t cfg_write(struct fake_dev *d, const void *user, size_t count, uint64_t pos);
/* cfg_perm.c: which bits of d->vcfg are virtual, which capabilities are hidden. */
void cfg_perm_init(struct fake_dev *d);

/* --- rdwr.c: pread and pwrite on a device fd --- */
ssize_t dev_pread(struct fake_dev *d, void *user, size_t count, int64_t pos);
ssize_t dev_pwrite(struct fake_dev *d, const void *user, size_t count, int64_t pos);
/* The same on a file that is not bound to an iommufd yet: EINVAL. */
ssize_t dev_rw_refused(struct fake_dev *d, bool write, size_t count, int64_t pos);
/* What mmap may do: 0 or -errno, as vfio_pci_core_mmap(). */
int dev_mmap_check(struct fake_dev *d, size_t len, int flags, int64_t pos);

/* --- irq.c: interrupts --- */
void irq_init(struct fake_dev *d);
void irq_release(struct fake_dev *d);
uint32_t irq_count(const struct fake_dev *d, uint32_t index);
long irq_get_info(struct fake_dev *d, void *arg);
long irq_set(struct fake_dev *d, void *arg);
/* The device raises an interrupt; NULL, or the reason why it can't. */
const char *irq_fire(struct fake_dev *d, uint32_t index, uint32_t n);
/* Writes the physical table and pending bits as the host keeps them. */
void irq_restore_table(struct fake_dev *d);
/* Each entry as after a reset. */
void irq_mask_table(struct fake_dev *d);

/* --- ioctls, by kind of fd --- */
long dev_ioctl(struct fake_dev *d, unsigned int cmd, void *arg);
long dev_hot_reset_info(struct fake_dev *d, void *arg);
long dev_hot_reset(struct fake_dev *d, void *arg);
long dev_ioeventfd(struct fake_dev *d, void *arg);
long dev_feature(struct fake_dev *d, void *arg);
/* The host resumes the device, because of an access. */
void dev_wake(struct fake_dev *d);
/* Takes a group off its container, the IOMMU driver with the last one. */
void group_detach(struct fake_group *g);
long group_ioctl(struct fake_group *g, unsigned int cmd, void *arg);
long container_ioctl(struct fake_container *c, unsigned int cmd, void *arg);
/* An ioctl on a file of the device, however that was opened. */
long dev_file_ioctl(struct fake_ref *ref, unsigned int cmd, void *arg);
long iommufd_ioctl(struct fake_iommufd *i, unsigned int cmd, void *arg);
/* Opens /dev/NAME: an fd, -errno. */
int fake_open_node(const char *name, int flags);

/* --- iommufd.c, hw_pagetable.c: what others need of an iommufd --- */
/* The one behind fd; NULL with EBADF or EBADFD in *error. */
struct fake_iommufd *iommufd_of_fd(int fd, long *error);
void iommufd_release(struct fake_iommufd *i);
/* Undoes what a bind did, if it did. */
void iommu_unbind(struct fake_dev *d);

/* --- vma.c --- */
/* Whether [start, start + size) of the program is memory that the kernel could pin. */
bool vma_pinnable(uint64_t start, uint64_t size, bool write);
/* Whether the mapping that `address` is in is one of a device. */
bool vma_is_device(uint64_t address);

/* --- user.c: the program's memory; 0 or -EFAULT, errno is left alone --- */
int user_read(void *to, const void *user, size_t n);
int user_write(void *user, const void *from, size_t n);
/* Whether the program's string starts so (16 bytes at most); a bad pointer does not. */
bool user_starts(const char *user, const char *prefix);
/* An address that the program gave as a number. */
void *user_pointer(uint64_t address);
/* The same pointer for what takes both directions. */
void *user_unconst(const void *p);
const char *error_name(long error);

/* --- log.c: the transcript (FAKEVFIO_LOG) --- */
void log_line(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* One call's line: "WHO VERB = RESULT" */
void log_result(long result, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A pread or pwrite, with the data of those of at most 16 bytes. */
void log_rdwr(const struct fake_dev *d, const char *verb, int64_t pos, size_t count,
	      const void *user, ssize_t result);
/* A problem with the fake's own surroundings, on standard error. */
void log_complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* --- sysfs.c --- */
/* The path to use instead of path: buf of PATH_MAX bytes, or path itself. */
const char *sysfs_path(const char *path, char *buf);
/* If path lies in the fake's tree: what the program is to see, else path. */
const char *sysfs_unpath(const char *path);

/* --- control.c --- */
/* Starts the thread of FAKEVFIO_CONTROL once. Without the lock. */
void control_start(void);

#endif
