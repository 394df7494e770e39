/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/names/names.h"

#include <errno.h>
#include <fcntl.h>
#include <pci/pci.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/cli.h"

/* A memfd with the bytes in the form of `lspci -xxxx`, which -F reads. */
static int write_dump(const uint8_t *cfg, uint32_t len)
{
	int fd = memfd_create("lspci-dump", MFD_CLOEXEC);

	if (fd < 0)
		return -errno;
	dprintf(fd, "00:04.0 device");
	for (uint32_t i = 0; i < len; i++) {
		if (i % 16 == 0)
			dprintf(fd, "\n%02x:", i);
		dprintf(fd, " %02x", cfg[i]);
	}
	dprintf(fd, "\n");
	return fd;
}

static void exec_lspci(int dump, int output)
{
	int null = open("/dev/null", O_RDWR);
	char path[32];

	dup2(null, STDIN_FILENO);
	dup2(output, STDOUT_FILENO);
	/* It complains about a host without modules, of which nothing is asked here. */
	dup2(null, STDERR_FILENO);
	fcntl(dump, F_SETFD, 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", dump);
	execlp("lspci", "lspci", "-vv", "-F", path, NULL);
	_exit(errno == ENOENT ? 127 : 126);
}

static int wait_for(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
		return -ENOENT;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -EIO;
}

static char *read_all(int fd)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return NULL;

	char *text = calloc(1, (size_t)st.st_size + 1);

	if (text && pread(fd, text, (size_t)st.st_size, 0) != st.st_size) {
		free(text);
		return NULL;
	}
	return text;
}

int lspci_run(const uint8_t *cfg, uint32_t len, char **ret)
{
	int dump = write_dump(cfg, len);

	if (dump < 0)
		return dump;

	int output = memfd_create("lspci-output", MFD_CLOEXEC);
	pid_t pid = output < 0 ? -1 : fork();
	int rc = pid < 0 ? -errno : 0;

	if (pid == 0)
		exec_lspci(dump, output);
	if (!rc)
		rc = wait_for(pid);
	if (!rc) {
		*ret = read_all(output);
		rc = *ret ? 0 : -EIO;
	}
	if (output >= 0)
		close(output);
	close(dump);
	return rc;
}

/*
 * Copies the lines from `p` on, without `skip` leading tabs, while they have more tabs than that.
 */
static char *cut_lines(const char *p, size_t skip)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	for (;;) {
		size_t len = strcspn(p, "\n");

		fprintf(out, "%.*s\n", (int)len, p);
		p += len + (p[len] == '\n');
		if (strspn(p, "\t") <= skip)
			break;
		p += skip;
	}
	fclose(out);
	return text;
}

char *lspci_capability(const char *output, const char *title)
{
	static const char head[] = "\tCapabilities: [";
	size_t len = strlen(title);

	for (const char *p = output; (p = strstr(p, head)); p++) {
		const char *name = strchr(p, ']');

		if (name && !strncmp(name, "] ", 2) && !strncmp(name + 2, title, len) &&
		    name[2 + len] == ':')
			return cut_lines(p + 1, 1);
	}
	return NULL;
}

static void say_nothing(char *message, ...)
{
}

static void __attribute__((noreturn)) give_up(char *message, ...)
{
	cli_error("libpci: %s", message);
	exit(CLI_FAILED);
}

/* The list has more than a megabyte; it is read once. */
struct pci_access *names_list(void)
{
	static struct pci_access *list;

	if (list)
		return list;
	list = pci_alloc();
	/* pci_init() would set these, and would look for a way to real devices. */
	list->error = give_up;
	list->warning = say_nothing;
	list->debug = say_nothing;
	return list;
}

void lspci_name(uint16_t vendor, uint16_t device, char *buf, size_t size)
{
	if (!pci_lookup_name(names_list(), buf, (int)size,
			     PCI_LOOKUP_VENDOR | PCI_LOOKUP_DEVICE | PCI_LOOKUP_NO_NUMBERS |
				     PCI_LOOKUP_NO_HWDB,
			     vendor, device))
		buf[0] = '\0';
}
