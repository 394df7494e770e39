/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One device under a plan, over a kernel of a few lines: transfers, resets, facts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <linux/pci_regs.h>
#include <linux/vfio.h>
#include <string.h>

#include "core/le.h"
#include "mini_kernel.h"
#include "vfio/dev.h"

#define KIB	 1024ULL
#define BAR(n)	 ((uint64_t)(n) << 40)
#define CONFIG	 BAR(VFIO_PCI_CONFIG_REGION_INDEX)
#define MEM64	 PCI_BASE_ADDRESS_MEM_TYPE_64
#define MSIX	 0xc0
#define VECTORS	 96
#define PBA_SIZE 16

static struct vfio_dev dev;
static struct vfio_effect effect;
static const struct region_style style = {.page_size = 4096};

static enum plan_reason facts_and_plan(int target)
{
	uint8_t cfg[PCI_CFG_EXT_SIZE];
	struct plan_facts facts;
	struct plan plan;

	memset(&dev, 0, sizeof(dev));
	memset(&effect, 0, sizeof(effect));
	dev.ops = &mini_ops;
	assert_int_equal(vfio_dev_read_config(&dev, MINI_FD, cfg), 0);
	assert_int_equal(vfio_dev_read_facts(&dev, MINI_FD, cfg, 4096, &facts), 0);

	enum plan_reason reason = plan_make(&facts, target, &plan);

	if (reason == PLAN_OK)
		assert_int_equal(vfio_dev_start(&dev, MINI_FD, &plan, &style, cfg), 0);
	return reason;
}

/* LSI SAS3008: BAR1 64 KiB with table and PBA, BAR3 256 KiB, both 64-bit; 0 and 5 are free. */
static void sas3008_hardware(void)
{
	mini_reset(VECTORS, 0xe000 | 1, 0xf000 | 1);
	mini_bar(1, 64 * KIB, MEM64);
	mini_bar(3, 256 * KIB, MEM64);
}

static void sas3008(int target)
{
	sas3008_hardware();
	assert_int_equal(facts_and_plan(target), PLAN_OK);
}

static void new_bar_is_read(void **state)
{
	/* a new BAR5 of 4 KiB: table [0, 0x600), PBA [0x600, 0x610), padding */
	static const struct {
		uint64_t pos;
		size_t count;
		ssize_t result;
		uint64_t value; /* of the first eight bytes */
	} t[] = {
		{0x000, 4, 4, 0}, {0x00c, 4, 4, 1}, {0x008, 8, 8, 0x100000000},
		{0x00c, 2, 2, 0}, {0x00d, 4, 4, 0}, {0x610, 4, 4, 0},
		{0xffc, 4, 4, 0}, {0xffc, 8, 4, 0}, {0x1000, 4, -EINVAL, 0},
		{0xfff, 1, 1, 0}, {0x000, 0, 0, 0}, {0x1000, 0, 0, 0},
	};

	sas3008(5);
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		uint8_t buf[8] = {0};

		assert_int_equal(mini_pread(&dev, buf, t[i].count, BAR(5) + t[i].pos, &effect),
				 t[i].result);
		assert_int_equal(le64_get(buf), t[i].value);
		assert_false(effect.stale);
	}
}

static void table_is_written(void **state)
{
	static const uint8_t entry[16] = {0x00, 0x10, 0xe0, 0xfe, 0, 0, 0, 0, 0x21, 0x40};
	uint8_t back[16];

	sas3008(5);
	for (size_t i = 0; i < 16; i += 4)
		assert_int_equal(mini_pwrite(&dev, entry + i, 4, BAR(5) + 0x20 + i, &effect), 4);
	assert_int_equal(mini_pread(&dev, back, 8, BAR(5) + 0x20, &effect), 8);
	assert_int_equal(mini_pread(&dev, back + 8, 8, BAR(5) + 0x28, &effect), 8);
	assert_memory_equal(back, entry, 16);

	/* narrow and misaligned writes are dropped, as is all of PBA and padding */
	assert_int_equal(mini_pwrite(&dev, "\xff\xff", 2, BAR(5) + 0x20, &effect), 2);
	assert_int_equal(mini_pwrite(&dev, "\xff\xff\xff\xff", 4, BAR(5) + 0x22, &effect), 4);
	assert_int_equal(mini_pwrite(&dev, "\xff\xff\xff\xff", 4, BAR(5) + 0x600, &effect), 4);
	assert_int_equal(mini_pwrite(&dev, "\xff\xff\xff\xff", 4, BAR(5) + 0x800, &effect), 4);
	assert_int_equal(mini_pread(&dev, back, 4, BAR(5) + 0x20, &effect), 4);
	assert_memory_equal(back, entry, 4);
	assert_int_equal(mini.writes, 0);
}

/* trap K26 */
static void pba_is_the_hardwares(void **state)
{
	uint8_t buf[PBA_SIZE];

	sas3008(5);
	assert_int_equal(mini_pread(&dev, buf, PBA_SIZE, BAR(5) + 0x600, &effect), PBA_SIZE);
	for (unsigned int i = 0; i < PBA_SIZE; i++)
		assert_int_equal(buf[i], mini_byte(1, 0xf000 + i));

	mini.bar_error = -EIO; /* memory decoding off: the PBA is a register, the rest is ours */
	assert_int_equal(mini_pread(&dev, buf, 4, BAR(5) + 0x600, &effect), -EIO);

	/* an error beats a partial count; of a vector it leaves the buffers before it */
	uint8_t most[0x700];
	struct iovec iov[] = {{most, 0x5f0}, {most + 0x5f0, 0x100}};

	assert_int_equal(mini_pread(&dev, most, sizeof(most), BAR(5), &effect), -EIO);
	assert_int_equal(mini_preadv(&dev, iov, 2, BAR(5), &effect), 0x5f0);
	assert_int_equal(mini_pread(&dev, buf, 4, BAR(5) + 0x000, &effect), 4);
	assert_int_equal(mini_pread(&dev, buf, 4, BAR(5) + 0x800, &effect), 4);
}

/* trap V13 */
static void unsound_pba_reads_zero(void **state)
{
	static const uint8_t zeros[8];
	uint8_t buf[8];

	mini_reset(22, 0x2000, 0x2100); /* SM2262: 22 entries run to 0x2160 */
	mini_bar(0, 16 * KIB, MEM64);
	assert_int_equal(facts_and_plan(2), PLAN_OK);
	assert_int_equal(mini_pread(&dev, buf, 8, BAR(2) + 22 * 16, &effect), 8);
	assert_memory_equal(buf, zeros, 8);
	assert_int_equal(mini.reads, 0);
}

/* trap K16 */
static void extended_bar_is_read(void **state)
{
	uint8_t buf[32];

	/* BAR1 becomes 128 KiB, table at 64 KiB: the physical end is where the table starts */
	sas3008(1);
	assert_int_equal(mini_pread(&dev, buf, 8, BAR(1) + 0x100, &effect), 8);
	assert_int_equal(buf[0], mini_byte(1, 0x100));
	assert_int_equal(mini_pread(&dev, buf, 4, BAR(1) + 0x1000c, &effect), 4);
	assert_int_equal(le32_get(buf), 1);

	/* over the physical end: what the kernel has, then the table */
	assert_int_equal(mini_pread(&dev, buf, 32, BAR(1) + 0xfff0, &effect), 32);
	assert_int_equal(buf[15], mini_byte(1, 0xffff));
	assert_int_equal(le32_get(buf + 16), 0);
	assert_int_equal(le32_get(buf + 28), 1);
	assert_int_equal(mini_pwrite(&dev, buf, 32, BAR(1) + 0xfff0, &effect), 32);
	assert_int_equal(mini.last_write, BAR(1) + 0xfff0);

	assert_int_equal(mini_pread(&dev, buf, 32, BAR(1) + 0x1fff0, &effect), 16);
	assert_int_equal(mini_pread(&dev, buf, 4, BAR(1) + 0x20000, &effect), -EINVAL);

	mini.bar_error = -EIO;
	assert_int_equal(mini_pread(&dev, buf, 4, BAR(1), &effect), -EIO);
	assert_int_equal(mini_pread(&dev, buf, 4, BAR(1) + 0x10000, &effect), 4);
	assert_int_equal(mini_pread(&dev, buf, 32, BAR(1) + 0xfff0, &effect), -EIO);
	assert_false(effect.stale);
}

static void vectors_are_completed(void **state)
{
	uint8_t a[8], b[16], c[8];
	struct iovec iov[] = {{a, 8}, {b, 16}, {NULL, 0}, {c, 8}};

	sas3008(1);
	assert_int_equal(mini_preadv(&dev, iov, 4, BAR(1) + 0xfff0, &effect), 32);
	assert_int_equal(a[0], mini_byte(1, 0xfff0));
	assert_int_equal(b[7], mini_byte(1, 0xffff));
	assert_int_equal(le32_get(b + 8), 0);
	assert_int_equal(le32_get(c + 4), 1);
	assert_int_equal(mini_preadv(&dev, iov, 4, BAR(1) + 0x20000, &effect), -EINVAL);

	/* the hardware's PBA is fetched in the form in which the caller came */
	unsigned int before = mini.vector_reads;

	assert_int_equal(mini_preadv(&dev, iov, 1, BAR(1) + 0x10600, &effect), 8);
	assert_int_equal(mini.vector_reads - before, 2);
	assert_int_equal(a[0], mini_byte(1, 0xf000));
}

static void bad_memory_is_efault(void **state)
{
	uint8_t buf[4];

	sas3008(5);
	mini.memory_is_bad = true;
	assert_int_equal(mini_pread(&dev, buf, 4, BAR(5), &effect), -EFAULT);
	assert_int_equal(mini_pread(&dev, buf, 4, BAR(5) + 0x800, &effect), -EFAULT);
	assert_int_equal(mini_pwrite(&dev, buf, 4, BAR(5), &effect), -EFAULT);
	assert_int_equal(mini_pwrite(&dev, NULL, 4, BAR(5) + 0x800, &effect), 4);
	assert_int_equal(mini_pread(&dev, NULL, 0, BAR(5), &effect), 0);
}

/* A regular file under the number of a device that was closed unseen. */
static void another_file_is_left_alone(void **state)
{
	uint8_t buf[32] = {0};

	sas3008(5);
	mini.beyond = 0; /* end of file */
	assert_int_equal(mini_pread(&dev, buf, 4, BAR(5), &effect), 0);
	assert_true(effect.stale);

	sas3008(1);
	mini.beyond = 0;
	assert_int_equal(mini_pread(&dev, buf, 32, BAR(1) + 0xfff0, &effect), 16);
	assert_true(effect.stale);
	assert_int_equal(buf[28], 0);

	sas3008(1);
	vfio_dev_mmap_done(&dev, BAR(1), 64 * KIB, &effect);
	assert_false(effect.stale);
	vfio_dev_mmap_done(&dev, BAR(1), 128 * KIB, &effect);
	assert_true(effect.stale);
}

/* Only what no BAR ever answers there says that the number is another file's. */
static void errors_of_the_way_are_not_stale(void **state)
{
	static const struct {
		int answer;
		bool stale;
	} t[] = {
		{0, true},	  {-ESPIPE, true},  {-EISDIR, true}, {-EBADF, true},
		{-EIO, false},	  {-EFAULT, false}, {-EINTR, false}, {-EOPNOTSUPP, false},
		{-ENOMEM, false}, {-EACCES, false}, {-EPERM, false}, {-ENODEV, false},
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		uint8_t buf[32];

		sas3008(5);
		mini.beyond = t[i].answer;
		assert_int_equal(mini_pread(&dev, buf, 4, BAR(5), &effect), t[i].answer);
		assert_int_equal(effect.stale, t[i].stale);
		sas3008(1);
		mini.beyond = t[i].answer;
		assert_int_equal(mini_pread(&dev, buf, 32, BAR(1) + 0xfff0, &effect), 16);
		assert_int_equal(effect.stale, t[i].stale);
	}

	/* more of the configuration space than there is */
	struct iovec iov = {NULL, 512};
	struct vfio_xfer x = {.fd = MINI_FD, .iov = &iov, .iovcnt = 1, .offset = CONFIG};

	sas3008(5);
	assert_int_equal(vfio_dev_complete(&dev, &x, 512, &effect), 512);
	assert_true(effect.stale);
}

/* vfio-pci says EFAULT at the end of configuration space; what tells a file is another answer. */
static void the_end_of_configuration_space_tells(void **state)
{
	static const struct {
		int device, now;
		bool stale;
	} t[] = {
		{-EFAULT, -EFAULT, false},
		{-EFAULT, -EINVAL, true},
		{-EFAULT, 1, true},
		{-EFAULT, -EIO, false},
		{-EINVAL, -EINVAL, false},
		{-EINVAL, 0, true},
		{0, 0, false},
		{1, 1, false},
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		uint32_t offset = 1;

		sas3008_hardware();
		mini.config_end = t[i].device;
		assert_int_equal(facts_and_plan(5), PLAN_OK);
		mini.config_end = t[i].now;
		assert_int_equal(mini_pread(&dev, &offset, 4, CONFIG + 0xc4, &effect), 4);
		assert_int_equal(effect.stale, t[i].stale);
		assert_int_equal(offset, t[i].stale ? 0xe001 : 5);
	}
}

static void configuration_is_edited(void **state)
{
	uint8_t whole[PCI_CFG_SIZE], part[16];

	sas3008(5);
	assert_int_equal(mini_pwrite(&dev, "\xff\xff\xff\xff", 4, CONFIG + 0x24, &effect), 4);
	assert_int_equal(mini_pread(&dev, whole, sizeof(whole), CONFIG, &effect), sizeof(whole));
	assert_int_equal(le32_get(whole + 0x24), 0xfffff008);
	assert_int_equal(le32_get(whole + 0x14), 0x00000004);
	assert_int_equal(le32_get(whole + MSIX + PCI_MSIX_TABLE), 5);
	assert_int_equal(le32_get(whole + MSIX + PCI_MSIX_PBA), 0x600 | 5);
	assert_int_equal(mini_pread(&dev, part, 3, CONFIG + MSIX + 3, &effect), 3);
	assert_memory_equal(part, whole + MSIX + 3, 3);
	assert_int_equal(mini_pread(&dev, part, 16, CONFIG + 0xf8, &effect), -EFAULT);

	/* by a vector, cut in the middle of a register */
	struct iovec iov[] = {{part, 2}, {part + 2, 2}};

	assert_int_equal(mini_preadv(&dev, iov, 2, CONFIG + MSIX + PCI_MSIX_PBA, &effect), 4);
	assert_int_equal(le32_get(part), 0x600 | 5);
}

static bool table_is_reset(void)
{
	uint8_t buf[4];

	assert_int_equal(mini_pread(&dev, buf, 4, BAR(5), &effect), 4);
	return le32_get(buf) == 0;
}

/* trap K11 */
static void resets_reset_the_table_alone(void **state)
{
	static const struct {
		unsigned long request;
		int result;
		bool resets;
	} t[] = {
		{VFIO_DEVICE_RESET, 0, true},		{VFIO_DEVICE_RESET, -EINVAL, false},
		{VFIO_DEVICE_RESET, -ENOTTY, false},	{VFIO_DEVICE_SET_IRQS, 0, false},
		{VFIO_DEVICE_SET_IRQS, -ENOTTY, false}, {VFIO_DEVICE_SET_IRQS, 3, false},
		{VFIO_DEVICE_FEATURE, -ENOTTY, false},
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		uint8_t reg[4];

		sas3008(5);
		assert_int_equal(mini_pwrite(&dev, "\x12\x34\x56\x78", 4, BAR(5), &effect), 4);
		assert_int_equal(mini_pwrite(&dev, "\x00\x50\x00\xe0", 4, CONFIG + 0x24, &effect),
				 4);
		mini.ioctl_result = t[i].result;
		assert_int_equal(vfio_dev_ioctl(&dev, MINI_FD, t[i].request, NULL, &effect),
				 t[i].result);
		assert_int_equal(table_is_reset(), t[i].resets);
		assert_int_equal(mini_pread(&dev, reg, 4, CONFIG + 0x24, &effect), 4);
		assert_int_equal(le32_get(reg), 0xe0005008);
		assert_false(effect.stale);
		assert_false(effect.hot_reset);
	}
}

static void flr_resets_the_table(void **state)
{
	sas3008(5);
	mini.config[PCI_CAPABILITY_LIST] = 0x40;
	mini.config[0x40] = PCI_CAP_ID_EXP;
	mini.config[0x41] = MSIX;
	le32_put(mini.config + 0x40 + PCI_EXP_DEVCAP, PCI_EXP_DEVCAP_FLR);
	assert_int_equal(facts_and_plan(5), PLAN_OK);
	assert_int_equal(mini_pwrite(&dev, "\x12\x34\x56\x78", 4, BAR(5), &effect), 4);
	assert_int_equal(mini_pwrite(&dev, "\x10\x20", 2, CONFIG + 0x48, &effect), 2);
	assert_false(table_is_reset());
	assert_int_equal(mini_pwrite(&dev, "\x10\xa0", 2, CONFIG + 0x48, &effect), 2);
	assert_true(table_is_reset());
}

static void hot_reset_reaches_whom_it_named(void **state)
{
	struct { /* vfio_pci_hot_reset_info with room for two */
		uint32_t argsz, flags, count;
		struct vfio_pci_dependent_device device[2];
	} q = {
		.argsz = sizeof(q),
		.count = 2,
		.device = {{.group_id = 1, .bus = 3, .devfn = 0x08},
			   {.group_id = 1, .bus = 4, .devfn = 0x10}},
	};
	const struct pci_bdf self = {0, 3, 1, 0}, same_bus = {0, 3, 4, 0}, named = {0, 4, 2, 0};
	/* VMD's: the kernel's answer has the lower 16 bits of their segment */
	const struct pci_bdf elsewhere = {0x10000, 3, 4, 0}, alike = {0x10000, 4, 2, 0};

	sas3008(5);
	assert_true(vfio_dev_hot_resets(&dev, &self, &same_bus));
	assert_false(vfio_dev_hot_resets(&dev, &self, &named));
	assert_false(vfio_dev_hot_resets(&dev, &self, &elsewhere));
	assert_false(vfio_dev_hot_resets(&dev, NULL, &self));
	assert_int_equal(
		vfio_dev_ioctl(&dev, MINI_FD, VFIO_DEVICE_GET_PCI_HOT_RESET_INFO, &q, &effect), 0);
	assert_true(vfio_dev_hot_resets(&dev, &self, &named));
	assert_true(vfio_dev_hot_resets(&dev, NULL, &named));
	assert_false(vfio_dev_hot_resets(&dev, &self, &same_bus));
	assert_false(vfio_dev_hot_resets(&dev, &self, &alike));
	assert_true(vfio_dev_hot_resets(&dev, &elsewhere, &alike));
	q.flags = 0;
	assert_int_equal(vfio_dev_ioctl(&dev, MINI_FD, VFIO_DEVICE_PCI_HOT_RESET, &q, &effect), 0);
	assert_true(effect.hot_reset);
}

/* VFIO_IOMMU_MAP_DMA has the number of a hot reset, and its flags are never 0. */
static void a_container_resets_nothing(void **state)
{
	struct vfio_iommu_type1_dma_map map = {
		.argsz = sizeof(map),
		.flags = VFIO_DMA_MAP_FLAG_READ,
	};

	sas3008(5);
	assert_int_equal(vfio_dev_ioctl(&dev, MINI_FD, VFIO_IOMMU_MAP_DMA, &map, &effect), 0);
	assert_false(effect.hot_reset);
	assert_true(effect.stale);
}

/* trap K3 */
static void bars_are_told_apart(void **state)
{
	static const struct pci_ids ids = {0x8086, 0xf1a6, 0x8086, 0x390b, 0x010802};
	uint8_t cfg[PCI_CFG_EXT_SIZE];
	struct plan_facts facts;

	mini_reset(VECTORS, 1, 0x600 | 1);
	mini_bar(0, 256, PCI_BASE_ADDRESS_SPACE_IO);
	mini_bar(1, 64 * KIB, MEM64 | PCI_BASE_ADDRESS_MEM_PREFETCH);
	mini_bar(3, 4 * KIB, 0); /* a 32-bit BAR of a VF: its register reads 0 */
	mini_bar(4, 8 * KIB, 0);
	mini.region[4].unassigned = true;
	le32_put(mini.config + PCI_VENDOR_ID, 0xf1a68086);
	le32_put(mini.config + PCI_CLASS_REVISION, 0x01080203);
	le32_put(mini.config + PCI_SUBSYSTEM_VENDOR_ID, 0x390b8086);
	dev.ops = &mini_ops;
	assert_int_equal(vfio_dev_read_config(&dev, MINI_FD, cfg), 0);
	assert_int_equal(vfio_dev_read_facts(&dev, MINI_FD, cfg, 4096, &facts), 0);
	assert_int_equal(facts.bars[0].kind, BAR_IO);
	assert_int_equal(facts.bars[1].kind, BAR_MEM64);
	assert_true(facts.bars[1].prefetchable);
	assert_int_equal(facts.bars[2].kind, BAR_UPPER);
	assert_int_equal(facts.bars[3].kind, BAR_MEM32);
	assert_int_equal(facts.bars[4].kind, BAR_UNASSIGNED);
	assert_int_equal(facts.bars[5].kind, BAR_UNASSIGNED); /* BAR4 may be a 64-bit one */
	assert_int_equal(facts.room[0], BAR(1));
	assert_memory_equal(&facts.ids, &ids, sizeof(ids));
	assert_int_equal(le32_get(mini.config + PCI_BASE_ADDRESS_0 + 12), 0);
	assert_int_equal(le32_get(mini.config + PCI_BASE_ADDRESS_0 + 16), 0);
}

static void others_are_not_pci(void **state)
{
	uint8_t cfg[PCI_CFG_EXT_SIZE];

	mini_reset(VECTORS, 1, 0x600 | 1);
	mini.device_flags = VFIO_DEVICE_FLAGS_PLATFORM;
	assert_int_equal(vfio_dev_read_config(&dev, MINI_FD, cfg), VFIO_DEV_NOT_PCI);
	mini.device_flags = VFIO_DEVICE_FLAGS_PCI;
	mini.config[PCI_HEADER_TYPE] = PCI_HEADER_TYPE_BRIDGE;
	assert_int_equal(vfio_dev_read_config(&dev, MINI_FD, cfg), VFIO_DEV_NO_HEADER);
	mini.config[PCI_HEADER_TYPE] = 0xff;
	assert_int_equal(vfio_dev_read_config(&dev, MINI_FD, cfg), VFIO_DEV_SILENT);
	assert_int_equal(vfio_dev_read_config(&dev, MINI_FD + 1, cfg), -ENOTTY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(new_bar_is_read),
		cmocka_unit_test(table_is_written),
		cmocka_unit_test(pba_is_the_hardwares),
		cmocka_unit_test(unsound_pba_reads_zero),
		cmocka_unit_test(extended_bar_is_read),
		cmocka_unit_test(vectors_are_completed),
		cmocka_unit_test(bad_memory_is_efault),
		cmocka_unit_test(another_file_is_left_alone),
		cmocka_unit_test(errors_of_the_way_are_not_stale),
		cmocka_unit_test(the_end_of_configuration_space_tells),
		cmocka_unit_test(configuration_is_edited),
		cmocka_unit_test(resets_reset_the_table_alone),
		cmocka_unit_test(flr_resets_the_table),
		cmocka_unit_test(hot_reset_reaches_whom_it_named),
		cmocka_unit_test(a_container_resets_nothing),
		cmocka_unit_test(bars_are_told_apart),
		cmocka_unit_test(others_are_not_pci),
	};

	return cmocka_run_group_tests_name("vfio", tests, NULL, NULL);
}
