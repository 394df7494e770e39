/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What programs let their threads call: facts about versions of theirs, for x86-64. Other
 * architectures have no number for some of these, and then do without.
 */
#ifndef TESTS_SHIM_JAIL_LISTS_H
#define TESTS_SHIM_JAIL_LISTS_H

#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "jail_rules.h"

#ifndef SYS_open
#define SYS_access     -1
#define SYS_arch_prctl -1
#define SYS_dup2       -1
#define SYS_epoll_wait -1
#define SYS_getpgrp    -1
#define SYS_open       -1
#define SYS_poll       -1
#define SYS_readlink   -1
#define SYS_stat       -1
#define SYS_unlink     -1
#endif

#ifndef PR_SET_VMA
#define PR_SET_VMA 0x53564d41
#endif

/* which would give each name a line */
/* clang-format off */

/*
 * Cloud Hypervisor, commit ae44c2971 of 2026-08-22, vmm/src/seccomp_filters.rs: the thread "vmm",
 * which opens devices, also one that is plugged while the guest runs. It may ask of them by ioctl
 * all that VFIO has.
 */
static const int vmm[] = {
	SYS_accept4, SYS_access, SYS_arch_prctl, SYS_bind, SYS_brk, SYS_clock_gettime,
	SYS_clock_nanosleep, SYS_clone, SYS_clone3, SYS_close, SYS_close_range, SYS_connect,
	SYS_dup, SYS_epoll_create1, SYS_epoll_ctl, SYS_epoll_pwait, SYS_epoll_wait, SYS_eventfd2,
	SYS_exit, SYS_exit_group, SYS_faccessat, SYS_fallocate, SYS_fcntl, SYS_fdatasync, SYS_fstat,
	SYS_fsync, SYS_ftruncate, SYS_futex, SYS_getcwd, SYS_getdents64, SYS_getpgid, SYS_getpgrp,
	SYS_getpid, SYS_getrandom, SYS_getsockname, SYS_gettid, SYS_gettimeofday, SYS_getuid,
	SYS_io_cancel, SYS_io_destroy, SYS_io_getevents, SYS_io_setup, SYS_io_submit,
	SYS_io_uring_enter, SYS_io_uring_register, SYS_io_uring_setup, SYS_ioctl, SYS_kill,
	SYS_landlock_add_rule, SYS_landlock_create_ruleset, SYS_landlock_restrict_self, SYS_listen,
	SYS_lseek, SYS_madvise, SYS_mbind, SYS_memfd_create, SYS_mmap, SYS_mprotect, SYS_mremap,
	SYS_munmap, SYS_nanosleep, SYS_newfstatat, SYS_open, SYS_openat, SYS_openat2, SYS_pipe2,
	SYS_poll, SYS_ppoll, SYS_prctl, SYS_pread64, SYS_preadv, SYS_prlimit64, SYS_pwrite64,
	SYS_pwritev, SYS_pwritev2, SYS_read, SYS_readlink, SYS_readlinkat, SYS_readv, SYS_recvfrom,
	SYS_recvmsg, SYS_restart_syscall, SYS_rseq, SYS_rt_sigaction, SYS_rt_sigprocmask,
	SYS_rt_sigreturn, SYS_sched_getaffinity, SYS_sched_setaffinity, SYS_sched_yield,
	SYS_seccomp, SYS_sendmsg, SYS_sendto, SYS_set_robust_list, SYS_setsid, SYS_setsockopt,
	SYS_shutdown, SYS_sigaltstack, SYS_socket, SYS_socketpair, SYS_stat, SYS_statfs, SYS_statx,
	SYS_tgkill, SYS_timerfd_create, SYS_timerfd_settime, SYS_tkill, SYS_umask, SYS_unlink,
	SYS_unlinkat, SYS_userfaultfd, SYS_wait4, SYS_write, SYS_writev,
};

/* Of the same: a vCPU thread, which makes the guest's accesses. Of ioctl without KVM's requests. */
static const int vcpu[] = {
	SYS_brk, SYS_clock_gettime, SYS_clock_nanosleep, SYS_close, SYS_dup, SYS_epoll_ctl,
	SYS_exit, SYS_fallocate, SYS_fcntl, SYS_fstat, SYS_fsync, SYS_futex, SYS_getcwd, SYS_getpid,
	SYS_getrandom, SYS_gettid, SYS_lseek, SYS_madvise, SYS_mmap, SYS_mprotect, SYS_mremap,
	SYS_munmap, SYS_nanosleep, SYS_newfstatat, SYS_open, SYS_pread64, SYS_pwrite64,
	SYS_pwritev2, SYS_read, SYS_readlink, SYS_readlinkat, SYS_recvfrom, SYS_recvmsg,
	SYS_rt_sigaction, SYS_rt_sigprocmask, SYS_rt_sigreturn, SYS_sched_yield, SYS_sendmsg,
	SYS_sendto, SYS_shutdown, SYS_sigaltstack, SYS_statx, SYS_tgkill, SYS_tkill, SYS_unlink,
	SYS_unlinkat, SYS_write, SYS_writev,
};

static const struct jail_rule vcpu_rules[] = {
	{SYS_ioctl, JAIL_ONLY, 1, 0x3b69}, /* VFIO_GROUP_UNSET_CONTAINER */
	{SYS_ioctl, JAIL_ONLY, 1, 0x3b6e}, /* VFIO_DEVICE_SET_IRQS */
	{SYS_ioctl, JAIL_ONLY, 1, 0x3b71}, /* VFIO_IOMMU_MAP_DMA */
	{SYS_ioctl, JAIL_ONLY, 1, 0x3b72}, /* VFIO_IOMMU_UNMAP_DMA */
	{SYS_ioctl, JAIL_ONLY, 1, 0x3b77}, /* VFIO_DEVICE_DETACH_IOMMUFD_PT */
};

/*
 * crosvm, commit f1e797a68 of 2026-08-21, jail/seccomp/x86_64/common_device.policy and
 * vfio_device.policy: the process of a VFIO device. Of clone for threads alone, and of madvise with
 * some advice.
 */
static const int crosvm[] = {
	SYS_brk, SYS_clock_gettime, SYS_clock_nanosleep, SYS_clone, SYS_clone3, SYS_close, SYS_dup,
	SYS_dup2, SYS_epoll_create1, SYS_epoll_ctl, SYS_epoll_pwait, SYS_epoll_wait, SYS_eventfd2,
	SYS_exit, SYS_exit_group, SYS_fcntl, SYS_ftruncate, SYS_futex, SYS_getcwd, SYS_getpid,
	SYS_gettid, SYS_gettimeofday, SYS_io_uring_enter, SYS_io_uring_register, SYS_io_uring_setup,
	SYS_kill, SYS_lseek, SYS_madvise, SYS_membarrier, SYS_memfd_create, SYS_mremap, SYS_munmap,
	SYS_nanosleep, SYS_pipe2, SYS_poll, SYS_ppoll, SYS_pread64, SYS_prlimit64, SYS_pwrite64,
	SYS_read, SYS_readlink, SYS_readlinkat, SYS_readv, SYS_recvfrom, SYS_recvmsg,
	SYS_restart_syscall, SYS_rseq, SYS_rt_sigaction, SYS_rt_sigprocmask, SYS_rt_sigreturn,
	SYS_sched_getaffinity, SYS_sched_getparam, SYS_sched_getscheduler, SYS_sched_yield,
	SYS_sendmsg, SYS_sendto, SYS_set_robust_list, SYS_sigaltstack, SYS_uname, SYS_userfaultfd,
	SYS_write, SYS_writev,
};

static const struct jail_rule crosvm_rules[] = {
	{SYS_ioctl, JAIL_ONLY, 1, 0x3b6e}, /* VFIO_DEVICE_SET_IRQS */
	{SYS_ioctl, JAIL_ONLY, 1, 0x3b71}, /* VFIO_IOMMU_MAP_DMA */
	{SYS_ioctl, JAIL_ONLY, 1, 0x3b72}, /* VFIO_IOMMU_UNMAP_DMA */
	{SYS_ioctl, JAIL_ONLY, 1, 0x3b75}, /* VFIO_DEVICE_FEATURE */
	{SYS_mmap, JAIL_UNLESS, 2, PROT_EXEC},	{SYS_mprotect, JAIL_UNLESS, 2, PROT_EXEC},
	{SYS_prctl, JAIL_ONLY, 0, PR_SET_NAME}, {SYS_prctl, JAIL_ONLY, 0, PR_SET_VMA},
	{SYS_tgkill, JAIL_ONLY, 2, SIGABRT},	{SYS_open, JAIL_FAIL, 0, ENOENT},
	{SYS_openat, JAIL_FAIL, 0, ENOENT},
};

#endif
