/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of VMMs, one row each: VMM(name, executables, traps, caps, beyond, what, proof). vmm.h
 * says what the columns from the third to the fifth mean. `what` is for the user, after "NAME: ";
 * `proof` is where it is proven: a test, or "read", and the version. Whoever includes this defines
 * VMM and takes the columns that it wants: the shim has no use for the words.
 */
VMM("qemu", "qemu-system-* qemu-kvm kvm", VMM_TRAPS_PAGES, VMM_CAPS_HEEDED, VMM_BEYOND_NEVER,
    "it traps the pages with the table, and maps what the kernel allows",
    "tests/vmm, QEMU 7.2 and 10.0")
VMM("kvmtool", "lkvm* kvmtool", VMM_TRAPS_BAR, VMM_CAPS_IGNORED, VMM_BEYOND_NEVER,
    "it loses all of the BAR that holds the table, so the table gets a BAR that holds nothing else",
    "tests/shim/vmms.test, kvmtool b48735e5")
VMM("dpdk", "dpdk-testpmd testpmd dpdk-*", VMM_TRAPS_NOTHING, VMM_CAPS_HEEDED, VMM_BEYOND_NEVER,
    "it has no guest, and from 23.07 on maps what the kernel allows; before that it is dpdk-22",
    "tests/vmm/dpdk.test, DPDK 24.11")
VMM("dpdk-22", "", VMM_TRAPS_NOTHING, VMM_CAPS_IGNORED, VMM_BEYOND_SAFE,
    "before 23.07 it maps whole BARs, so there is memory past the hardware's part of a larger one",
    "tests/vmm/dpdk.test, DPDK 22.11")
VMM("spdk", "spdk_tgt nvmf_tgt iscsi_tgt vhost", VMM_TRAPS_NOTHING, VMM_CAPS_HEEDED,
    VMM_BEYOND_NEVER, "it has no guest, and maps what the kernel allows", "read, SPDK 3230130e")
VMM("cloud-hypervisor", "cloud-hypervisor*", VMM_TRAPS_PAGES, VMM_CAPS_HEEDED, VMM_BEYOND_NEVER,
    "it traps the pages with the table, and maps what the kernel allows",
    "tests/shim/vmms.test, Cloud Hypervisor ae44c2971")
VMM("crosvm", "crosvm*", VMM_TRAPS_PAGES, VMM_CAPS_MAPS_TABLE, VMM_BEYOND_NEVER,
    "it maps the table where the kernel says that it can be mapped, and gets no interrupt then, so "
    "that is not said",
    "tests/shim/vmms.test, crosvm f1e797a68")
VMM("alioth", "alioth alioth-*", VMM_TRAPS_MAPPABLE, VMM_CAPS_IGNORED, VMM_BEYOND_SAFE,
    "it traps a table only in a BAR that can be mapped, and maps around it, so a new BAR can be "
    "mapped, and there is memory past the hardware's part of a larger one",
    "tests/shim/vmms.test, alioth c78f8bd")
VMM("openvmm", "openvmm*", VMM_TRAPS_PAGES, VMM_CAPS_HEEDED, VMM_BEYOND_NEVER,
    "it traps the pages with the table, and maps what the kernel allows", "read, OpenVMM 1488a37b7")
