/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "probe.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <linux/capability.h>
#include <linux/ppp-ioctl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "l2tp_genl.h"
#include "loopback.h"
#include "pppox.h"

struct findings {
	struct probe_finding *list;
	size_t len, max;
};

static void add_finding(struct findings *findings, bool fatal, const char *what, const char *remedy,
	...) __attribute__((format(printf, 4, 5)));

/* The remedy is the format; what has been formatted by then. */
static void add_finding(
	struct findings *findings, bool fatal, const char *what, const char *remedy, ...)
{
	struct probe_finding *finding;
	va_list ap;

	if (findings->len == findings->max)
		return;
	finding = &findings->list[findings->len++];
	finding->fatal = fatal;
	snprintf(finding->what, sizeof(finding->what), "%s", what);
	va_start(ap, remedy);
	vsnprintf(finding->remedy, sizeof(finding->remedy), remedy, ap);
	va_end(ap);
}

static void check_capability(struct findings *findings)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { 0 };

	if (syscall(SYS_capget, &header, data) < 0)
		return;
	if (data[CAP_TO_INDEX(CAP_NET_ADMIN)].effective & CAP_TO_MASK(CAP_NET_ADMIN))
		return;
	add_finding(findings, true, "no right to change the network (CAP_NET_ADMIN)",
		"start it as root, or give its service CAP_NET_ADMIN");
}

/* --- modules --- */

/* Those the kernel asks for by alias first: a blacklist matters to them alone. */
static const char *const modules[] = {
	"l2tp_ppp",
	"l2tp_netlink",
	"pppox",
	"l2tp_core",
	"ppp_generic",
};

#define MODULES_LEN (sizeof(modules) / sizeof(modules[0]))

/* modprobe takes - and _ for the same. */
static bool same_module(const char *a, const char *b)
{
	for (; *a && *b; a++, b++)
		if (*a != *b && !(*a == '-' && *b == '_'))
			return false;
	return *a == *b;
}

/* "blacklist l2tp_ppp", or "install l2tp_ppp /bin/true" and its like */
static bool forbids(const char *line, const char *module)
{
	char verb[16], name[64], command[128];
	int n;

	n = sscanf(line, "%15s %63s %127s", verb, name, command);
	if (n < 2 || !same_module(name, module))
		return false;
	if (strcmp(verb, "blacklist") == 0)
		return true;
	if (strcmp(verb, "install") != 0 || n < 3)
		return false;
	return strstr(command, "true") || strstr(command, "false");
}

static bool file_forbids(const char *path, const char *module)
{
	char line[512];
	bool found = false;
	FILE *file;

	file = fopen(path, "re");
	if (!file)
		return false;
	while (!found && fgets(line, sizeof(line), file))
		found = forbids(line, module);
	fclose(file);
	return found;
}

/* The first file of modprobe's that forbids module. */
static bool find_blacklist(const char *module, char *path, size_t size)
{
	/* modprobe.d(5), kmod's order; a file of one folder hides its namesake in a later one */
	static const char pattern[] = "{/etc,/run,/usr/local/lib,/usr/lib,/lib}/modprobe.d/*.conf";
	bool found = false;
	glob_t result;

	if (glob(pattern, GLOB_BRACE, NULL, &result) != 0)
		return false;
	for (size_t i = 0; i < result.gl_pathc && !found; i++) {
		found = file_forbids(result.gl_pathv[i], module);
		if (found)
			snprintf(path, size, "%s", result.gl_pathv[i]);
	}
	globfree(&result);
	return found;
}

/* Is module listed in /lib/modules/RELEASE/modules.dep (or .builtin)? */
static bool module_listed(const char *release, const char *list, const char *module)
{
	char path[256], line[1024], needle[80];
	bool found = false;
	FILE *file;

	snprintf(path, sizeof(path), "/lib/modules/%s/%s", release, list);
	snprintf(needle, sizeof(needle), "/%s.ko", module);
	file = fopen(path, "re");
	if (!file)
		return false;
	while (!found && fgets(line, sizeof(line), file)) {
		line[strcspn(line, ":")] = '\0'; /* behind it: those it needs */
		found = strstr(line, needle);
	}
	fclose(file);
	return found;
}

static bool modules_disabled(void)
{
	FILE *file = fopen("/proc/sys/kernel/modules_disabled", "re");
	bool disabled;

	if (!file)
		return false;
	disabled = fgetc(file) == '1';
	fclose(file);
	return disabled;
}

/* The kernel answered what; find out why. */
static void add_module_finding(struct findings *findings, const char *what)
{
	char path[200];
	struct utsname uts;
	char dir[128];

	for (size_t i = 0; i < MODULES_LEN; i++) {
		if (find_blacklist(modules[i], path, sizeof(path))) {
			add_finding(findings, true, what,
				"module %s is forbidden: remove its line from %s", modules[i],
				path);
			return;
		}
	}
	uname(&uts);
	snprintf(dir, sizeof(dir), "/lib/modules/%s", uts.release);
	if (access(dir, F_OK) < 0) {
		add_finding(findings, true, what,
			"the running kernel %s has no modules in /lib/modules: reboot if the "
			"kernel "
			"was updated, install its modules, or use a kernel with l2tp_ppp",
			uts.release);
	} else if (!module_listed(uts.release, "modules.dep", "l2tp_ppp") &&
		   !module_listed(uts.release, "modules.builtin", "l2tp_ppp")) {
		add_finding(findings, true, what,
			"kernel %s comes without l2tp_ppp: install linux-modules-extra-%s "
			"(Ubuntu), "
			"kernel-modules-extra (Fedora, RHEL) or another kernel",
			uts.release, uts.release);
	} else if (modules_disabled()) {
		add_finding(findings, true, what,
			"loading of modules is switched off until the next boot: name l2tp_ppp in "
			"/etc/modules-load.d/l2tp.conf");
	} else {
		add_finding(findings, true, what,
			"try \"modprobe l2tp_ppp\" as root (in a container: outside of it) and see "
			"dmesg");
	}
}

/* False if it is not there: then the rest of L2TP is not either. */
static bool check_pppox(struct findings *findings)
{
	char what[200];
	int r = pppox_probe();

	if (r == 0)
		return true;
	snprintf(what, sizeof(what), "the kernel has no L2TP: socket(AF_PPPOX): %s", strerror(-r));
	if (r == -EAFNOSUPPORT || r == -EPROTONOSUPPORT)
		add_module_finding(findings, what);
	else
		add_finding(findings, true, what,
			"see whether a sandbox forbids it (RestrictAddressFamilies= of the "
			"service)");
	return false;
}

static void check_genl(struct findings *findings)
{
	struct l2tp_genl *genl;
	char what[200];
	int r;

	r = l2tp_genl_new(&genl);
	if (r == 0) {
		l2tp_genl_free(genl);
		return;
	}
	snprintf(what, sizeof(what), "the kernel has no generic netlink family \"l2tp\": %s",
		strerror(-r));
	if (r == -ENOENT)
		add_module_finding(findings, what);
	else
		add_finding(findings, true, what,
			"see whether a sandbox forbids it (RestrictAddressFamilies= of the "
			"service)");
}

static void check_dev_ppp(struct findings *findings)
{
	char what[200];
	int fd, r;

	fd = open("/dev/ppp", O_RDWR | O_CLOEXEC | O_NONBLOCK);
	if (fd >= 0) {
		close(fd);
		return;
	}
	r = errno;
	snprintf(what, sizeof(what), "/dev/ppp cannot be opened: %s", strerror(r));
	if (r == ENOENT)
		add_finding(findings, true, what,
			"modprobe ppp_generic, or mknod /dev/ppp c 108 0 (in a "
			"container: hand the device in)");
	else if (r == ENXIO || r == ENODEV)
		add_finding(findings, true, what, "the kernel has no PPP: modprobe ppp_generic");
	else
		add_finding(findings, true, what,
			"it takes CAP_NET_ADMIN and a service or container that "
			"is allowed the device (DeviceAllow=/dev/ppp)");
}

/* --- pppd --- */

static void check_pppd(struct findings *findings, const char *pppd)
{
	char what[200];

	if (access(pppd, X_OK) == 0)
		return;
	snprintf(what, sizeof(what), "pppd cannot be run: %s: %s", pppd, strerror(errno));
	add_finding(findings, false, what,
		errno == ENOENT ? "install package ppp, or set the path of pppd"
				: "make it executable");
}

/*
 * pppd looks in a folder that was fixed when it was built, with its version in the path. Only it
 * knows which; the customary places are good enough to tell whether the plugin was installed.
 */
static void check_pppol2tp(struct findings *findings)
{
	static const char pattern[] =
		"{/usr/lib,/usr/lib64,/usr/lib/*,/usr/local/lib,/lib}/pppd/{,*/}pppol2tp.so";
	glob_t result;
	int r;

	r = glob(pattern, GLOB_BRACE | GLOB_NOSORT, NULL, &result);
	if (r == 0)
		globfree(&result);
	if (r != GLOB_NOMATCH)
		return;
	add_finding(findings, false, "pppd has no plugin pppol2tp.so",
		"install the package of pppd that has it (ppp, or ppp-l2tp)");
}

static void check_plugin(struct findings *findings, const char *plugin)
{
	char what[200];

	if (!plugin || access(plugin, R_OK) == 0)
		return;
	snprintf(what, sizeof(what), "the plugin for pppd is not there: %s: %s", plugin,
		strerror(errno));
	add_finding(findings, false, what, "install it, or set its path");
}

size_t probe_machine(
	const char *pppd, const char *plugin, struct probe_finding *findings, size_t max)
{
	struct findings all = { .list = findings, .max = max };

	check_capability(&all);
	if (check_pppox(&all))
		check_genl(&all);
	check_dev_ppp(&all);
	if (access(pppd, F_OK) == 0)
		check_pppol2tp(&all);
	check_pppd(&all, pppd);
	check_plugin(&all, plugin);
	return all.len;
}

/* --- Does PPPIOCGCHAN drain the socket? --- */

#define SCRATCH_WAIT_MS 500

/* Let one LCP Echo-Request wait in the PPPoX socket. -ETIMEDOUT: it did not arrive there. */
static int scratch_queue_frame(const struct loopback *lb)
{
	/* 18 bytes: those of less than 14 go to userspace instead (l2tp_udp_encap_recv) */
	const uint16_t frame[] = { htons(0x0002), htons(lb->tid), htons(lb->sid), htons(0xff03),
		htons(0xc021), htons(0x0901), htons(8), 0, 0 };
	struct pollfd p = { .fd = lb->pppox_fd, .events = POLLIN };
	int r;

	if (send(lb->far_fd, frame, sizeof(frame), 0) < 0)
		return -errno;
	r = poll(&p, 1, SCRATCH_WAIT_MS);
	if (r < 0)
		return -errno;
	return r == 0 ? -ETIMEDOUT : 0;
}

/* Is that frame in the channel now? */
static int scratch_read_channel(int ppp_fd, int channel, bool *ret_there)
{
	uint8_t buf[64];
	ssize_t len;

	if (ioctl(ppp_fd, PPPIOCATTCHAN, &channel) < 0)
		return -errno;
	len = read(ppp_fd, buf, sizeof(buf));
	if (len < 0 && errno != EAGAIN)
		return -errno;
	if (len == 0)
		return -ENXIO; /* the channel is gone */
	*ret_there = len > 0;
	return 0;
}

int probe_drain(struct l2tp_genl *genl, bool *ret_drains)
{
	struct loopback lb;
	const char *call;
	int ppp_fd = -1, r;

	r = loopback_open(genl, &lb, &call);
	if (r < 0)
		return r;
	r = scratch_queue_frame(&lb);
	if (r == 0)
		r = pppox_channel(lb.pppox_fd);
	if (r >= 0) {
		ppp_fd = open("/dev/ppp", O_RDWR | O_NONBLOCK | O_CLOEXEC);
		r = ppp_fd < 0 ? -errno : scratch_read_channel(ppp_fd, r, ret_drains);
	}
	if (ppp_fd >= 0)
		close(ppp_fd);
	loopback_close(genl, &lb);
	return r;
}

/* --- Is a session found by the socket or by its ids? --- */

/* A socket between the same two ports as the loopback's tunnel, newer, that reads nothing. */
static int scratch_twin(const struct loopback *lb, int *ret_fd)
{
	struct sockaddr_in near, far;
	socklen_t near_len = sizeof(near), far_len = sizeof(far);
	const int on = 1;
	int fd, r = 0;

	if (getsockname(lb->tunnel_fd, (struct sockaddr *)&near, &near_len) < 0 ||
		getpeername(lb->tunnel_fd, (struct sockaddr *)&far, &far_len) < 0 ||
		setsockopt(lb->tunnel_fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0)
		return -errno;
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0 ||
		bind(fd, (struct sockaddr *)&near, near_len) < 0 ||
		connect(fd, (struct sockaddr *)&far, far_len) < 0)
		r = -errno;
	if (r < 0)
		close(fd);
	else
		*ret_fd = fd;
	return r;
}

int probe_by_socket(struct l2tp_genl *genl, bool *ret_by_socket)
{
	uint16_t tid = 0;
	struct loopback lb;
	const char *call;
	int fd = -1, r;

	r = loopback_open(genl, &lb, &call);
	if (r < 0)
		return r;
	r = scratch_twin(&lb, &fd);
	if (r == 0) {
		tid = lb.tid ^ 0x5a5a ? lb.tid ^ 0x5a5a : 1;
		r = l2tp_genl_tunnel_create(genl, tid, tid, fd);
	}
	if (r == 0) {
		r = scratch_queue_frame(&lb);
		l2tp_genl_tunnel_delete(genl, tid);
	}
	if (r == 0 || r == -ETIMEDOUT)
		*ret_by_socket = r == -ETIMEDOUT;
	if (fd >= 0)
		close(fd);
	loopback_close(genl, &lb);
	return r == -ETIMEDOUT ? 0 : r;
}
