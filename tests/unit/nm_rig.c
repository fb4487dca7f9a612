/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "nm_rig.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include <l2tpd/ctl.h>

#define NAME	   "org.freedesktop.NetworkManager.l2tpd.Connection_1"
#define PATH	   "/org/freedesktop/NetworkManager/VPN/Plugin"
#define INTERFACE  "org.freedesktop.NetworkManager.VPN.Plugin"
#define PATIENCE_S 20

/* --- hearing --- */

static void hear(struct heard *heard, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void hear(struct heard *heard, const char *fmt, ...)
{
	va_list ap;

	assert_true(heard->count < sizeof(heard->lines) / sizeof(heard->lines[0]));
	va_start(ap, fmt);
	assert_true(vasprintf(&heard->lines[heard->count++], fmt, ap) >= 0);
	va_end(ap);
}

/* Run until true() or patience is over. */
static bool run_until(
	struct nm_rig *rig, bool (*is_true)(struct nm_rig *rig, const void *arg), const void *arg)
{
	time_t end = time(NULL) + PATIENCE_S;

	while (!is_true(rig, arg)) {
		if (time(NULL) > end)
			return false;
		assert_true(sd_event_run(rig->event, 50 * 1000) >= 0);
	}
	return true;
}

static bool has_line(struct nm_rig *rig, const void *arg)
{
	const struct heard *heard = arg;

	return heard->read < heard->count;
}

static void expect_line(struct nm_rig *rig, struct heard *heard, const char *line)
{
	size_t len = strlen(line);
	const char *got;

	if (!run_until(rig, has_line, heard))
		fail_msg("nothing was heard, but '%s' expected", line);
	got = heard->lines[heard->read++];
	if (line[len - 1] == '*' ? strncmp(got, line, len - 1) != 0 : strcmp(got, line) != 0)
		fail_msg("heard '%s', expected '%s'", got, line);
}

void nm_rig_expect_bus(struct nm_rig *rig, const char *line)
{
	expect_line(rig, &rig->from_bus, line);
}

void nm_rig_expect_daemon(struct nm_rig *rig, const char *line)
{
	expect_line(rig, &rig->from_daemon, line);
}

static char *log_text(const struct nm_rig *rig)
{
	char *text = calloc(1, 65536);
	int fd = open(rig->log, O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0 && read(fd, text, 65535) >= 0);
	close(fd);
	return text;
}

static bool log_has(struct nm_rig *rig, const void *arg)
{
	char *text = log_text(rig);
	bool has = strstr(text, arg);

	free(text);
	return has;
}

void nm_rig_expect_log(struct nm_rig *rig, const char *words)
{
	if (!run_until(rig, log_has, words))
		fail_msg("not in the log: %s", words);
}

void nm_rig_expect_silence(struct nm_rig *rig)
{
	/* what it could still say it has said before it answers this */
	nm_rig_call(rig, "NeedSecrets", "data.gateway=x");
	nm_rig_expect_bus(rig, "need ''");
	assert_int_equal(rig->from_bus.read, rig->from_bus.count);
	assert_int_equal(rig->from_daemon.read, rig->from_daemon.count);
}

/* --- NetworkManager --- */

static void show_number(FILE *out, const char *key, uint32_t number)
{
	char text[INET_ADDRSTRLEN];

	if (strcmp(key, "mtu") == 0 || strcmp(key, "prefix") == 0)
		fprintf(out, "%u", number);
	else
		fputs(inet_ntop(AF_INET, &number, text, sizeof(text)), out);
}

static void show_value(FILE *out, sd_bus_message *m, const char *key)
{
	char text[INET6_ADDRSTRLEN];
	const char *type, *string;
	const void *bytes;
	uint32_t number;
	size_t size;
	int flag;

	assert_true(sd_bus_message_peek_type(m, NULL, &type) >= 0);
	assert_true(sd_bus_message_enter_container(m, 'v', type) >= 0);
	if (strcmp(type, "s") == 0) {
		sd_bus_message_read(m, "s", &string);
		fputs(string, out);
	} else if (strcmp(type, "u") == 0) {
		sd_bus_message_read(m, "u", &number);
		show_number(out, key, number);
	} else if (strcmp(type, "b") == 0) {
		sd_bus_message_read(m, "b", &flag);
		fputs(flag ? "true" : "false", out);
	} else if (strcmp(type, "ay") == 0) {
		sd_bus_message_read_array(m, 'y', &bytes, &size);
		fputs(size == 16 ? inet_ntop(AF_INET6, bytes, text, sizeof(text)) : "?", out);
	} else {
		assert_string_equal(type, "au");
		sd_bus_message_read_array(m, 'u', &bytes, &size);
		for (size_t i = 0; i < size / 4; i++) {
			fputs(i ? "," : "", out);
			show_number(out, key, ((const uint32_t *)bytes)[i]);
		}
	}
	sd_bus_message_exit_container(m);
}

/* a{sv} as "key=value key=value" */
static char *shown_dict(sd_bus_message *m)
{
	const char *key;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_true(sd_bus_message_enter_container(m, 'a', "{sv}") >= 0);
	while (sd_bus_message_enter_container(m, 'e', "sv") > 0) {
		sd_bus_message_read(m, "s", &key);
		fprintf(out, " %s=", key);
		show_value(out, m, key);
		sd_bus_message_exit_container(m);
	}
	sd_bus_message_exit_container(m);
	fclose(out);
	return text;
}

static int on_signal(sd_bus_message *m, void *user, sd_bus_error *error)
{
	const char *member = sd_bus_message_get_member(m), *text, *names = "";
	struct nm_rig *rig = user;
	uint32_t number;
	char *dict;

	if (strcmp(member, "StateChanged") == 0 || strcmp(member, "Failure") == 0) {
		assert_true(sd_bus_message_read(m, "u", &number) >= 0);
		hear(&rig->from_bus, "%s %u", *member == 'S' ? "state" : "failure", number);
	} else if (strcmp(member, "SecretsRequired") == 0) {
		assert_true(sd_bus_message_read(m, "sas", &text, 1, &names) >= 0);
		hear(&rig->from_bus, "secrets %s: %s", names, text);
	} else {
		dict = shown_dict(m);
		hear(&rig->from_bus, "%s%s",
			*member == 'C'	   ? "config"
			: member[2] == '4' ? "ip4"
					   : "ip6",
			dict);
		free(dict);
	}
	return 0;
}

static int on_reply(sd_bus_message *m, void *user, sd_bus_error *unused)
{
	const sd_bus_error *error = sd_bus_message_get_error(m);
	struct nm_rig *rig = user;
	const char *name;

	if (error)
		hear(&rig->from_bus, "error %s: %s", strrchr(error->name, '.') + 1, error->message);
	else if (sd_bus_message_read(m, "s", &name) > 0)
		hear(&rig->from_bus, "need '%s'", name);
	else
		hear(&rig->from_bus, "reply ok");
	return 0;
}

/* Items of one section as dictionary entries; type of the values: 's', or 'v'. */
static void append_section(sd_bus_message *m, const char *profile, const char *section, char type)
{
	char *copy = strdup(profile), *rest = copy, *item;
	size_t len = strlen(section);

	while ((item = strsep(&rest, "|"))) {
		char *value = strchr(item, '=');

		if (strncmp(item, section, len) != 0 || item[len] != '.')
			continue;
		*value++ = '\0';
		if (type == 's')
			assert_true(sd_bus_message_append(m, "{ss}", item + len + 1, value) >= 0);
		else if (strcmp(value, "true") == 0)
			assert_true(sd_bus_message_append(m, "{sv}", item + len + 1, "b", 1) >= 0);
		else
			assert_true(
				sd_bus_message_append(m, "{sv}", item + len + 1, "s", value) >= 0);
	}
	free(copy);
}

/* vpn.data or vpn.secrets */
static void append_strings(sd_bus_message *m, const char *profile, const char *name)
{
	sd_bus_message_open_container(m, 'e', "sv");
	sd_bus_message_append(m, "s", name);
	sd_bus_message_open_container(m, 'v', "a{ss}");
	sd_bus_message_open_container(m, 'a', "{ss}");
	append_section(m, profile, name, 's');
	sd_bus_message_close_container(m);
	sd_bus_message_close_container(m);
	sd_bus_message_close_container(m);
}

/* As NetworkManager has it: what nobody asks for, of any type, too. */
static void append_profile(sd_bus_message *m, const char *profile)
{
	static const char *const sections[] = { "connection", "vpn", "ipv4", "ipv6" };

	sd_bus_message_open_container(m, 'a', "{sa{sv}}");
	for (size_t i = 0; i < 4; i++) {
		sd_bus_message_open_container(m, 'e', "sa{sv}");
		sd_bus_message_append(m, "s", sections[i]);
		sd_bus_message_open_container(m, 'a', "{sv}");
		append_section(m, profile, sections[i], 'v');
		sd_bus_message_append(m, "{sv}", "timestamp", "t", (uint64_t)5);
		sd_bus_message_append(m, "{sv}", "permissions", "as", 1, "user:x");
		if (i == 1) {
			append_strings(m, profile, "data");
			append_strings(m, profile, "secrets");
		} else if (i == 2) {
			sd_bus_message_append(m, "{sv}", "address-data", "aa{sv}", 2, 2, "prefix",
				"u", 24, "address", "s", "10.0.0.5", 1, "address", "s", "10.0.0.6");
			sd_bus_message_append(m, "{sv}", "dns", "au", 1, 1);
		}
		sd_bus_message_close_container(m);
		sd_bus_message_close_container(m);
	}
	sd_bus_message_close_container(m);
}

void nm_rig_call(struct nm_rig *rig, const char *method, const char *profile)
{
	sd_bus_message *m = NULL;

	assert_true(
		sd_bus_message_new_method_call(rig->bus, &m, NAME, PATH, INTERFACE, method) >= 0);
	if (profile)
		append_profile(m, profile);
	if (strcmp(method, "ConnectInteractive") == 0)
		assert_true(sd_bus_message_append(m, "a{sv}", 0) >= 0);
	assert_true(sd_bus_call_async(rig->bus, NULL, m, on_reply, rig, 10000000) >= 0);
	sd_bus_message_unref(m);
}

/* --- the daemon --- */

static void link_gone(struct request *request, void *data)
{
	struct nm_rig *rig = data;

	for (size_t i = 0; i < rig->links_len; i++)
		if (rig->links[i] == request)
			rig->links[i] = rig->links[--rig->links_len];
	hear(&rig->from_daemon, "gone");
}

static void handle_add(struct request *request, const json_t *params, void *user)
{
	struct nm_rig *rig = user;
	char *text = json_dumps(params, JSON_COMPACT);

	assert_true(request_wants_more(request));
	hear(&rig->from_daemon, "link %s", text);
	free(text);
	if (strstr(json_string_value(json_object_get(params, "name")), "refuse")) {
		request_error(request, CTL_ERR_REFUSED, "hello: not like this");
		return;
	}
	request_on_cancel(request, link_gone, rig);
	rig->links[rig->links_len++] = request;
	request_reply_more(
		request, json_pack("{s:{s:s, s:s}}", "event", "event", "opened", "link", "office"));
}

static const struct ctl_method methods[] = {
	{ CTL_ADD_TRANSIENT, true, handle_add },
	{ NULL, false, NULL },
};

void nm_rig_event(struct nm_rig *rig, const char *json)
{
	json_t *event = json_loads(json, 0, NULL);

	assert_non_null(event);
	assert_true(rig->links_len > 0);
	request_reply_more(rig->links[rig->links_len - 1], json_pack("{s:o}", "event", event));
}

void nm_rig_start_daemon(struct nm_rig *rig)
{
	assert_int_equal(ctl_server_new(rig->event, rig->socket, "none", methods, "", rig,
				 &rig->server, NULL),
		0);
}

void nm_rig_stop_daemon(struct nm_rig *rig)
{
	ctl_server_free(rig->server);
	rig->server = NULL;
}

/* --- systemd --- */

static int start_unit(sd_bus_message *m, void *user, sd_bus_error *error)
{
	struct nm_rig *rig = user;
	const char *unit, *mode;

	assert_true(sd_bus_message_read(m, "ss", &unit, &mode) >= 0);
	hear(&rig->from_daemon, "systemd starts %s", unit);
	nm_rig_start_daemon(rig);
	return sd_bus_reply_method_return(m, "o", "/org/freedesktop/systemd1/job/1");
}

static int refuse_unit(sd_bus_message *m, void *user, sd_bus_error *error)
{
	struct nm_rig *rig = user;

	hear(&rig->from_daemon, "systemd refuses");
	return sd_bus_error_set(
		error, "org.freedesktop.systemd1.NoSuchUnit", "Unit l2tpd.service not found.");
}

static const sd_bus_vtable systemd_good[] = {
	SD_BUS_VTABLE_START(0),
	SD_BUS_METHOD("StartUnit", "ss", "o", start_unit, SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_VTABLE_END,
};

static const sd_bus_vtable systemd_bad[] = {
	SD_BUS_VTABLE_START(0),
	SD_BUS_METHOD("StartUnit", "ss", "o", refuse_unit, SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_VTABLE_END,
};

void nm_rig_add_systemd(struct nm_rig *rig, bool works)
{
	assert_true(sd_bus_add_object_vtable(rig->bus, NULL, "/org/freedesktop/systemd1",
			    "org.freedesktop.systemd1.Manager", works ? systemd_good : systemd_bad,
			    rig) >= 0);
	assert_true(sd_bus_request_name(rig->bus, "org.freedesktop.systemd1", 0) >= 0);
}

/* --- processes --- */

static const char bus_config[] =
	"<!DOCTYPE busconfig PUBLIC \"-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN\"\n"
	" \"http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd\">\n"
	"<busconfig><type>session</type><listen>unix:path=%s</listen><auth>EXTERNAL</auth>\n"
	"<policy context=\"default\"><allow send_destination=\"*\" eavesdrop=\"true\"/>\n"
	"<allow eavesdrop=\"true\"/><allow own=\"*\"/></policy></busconfig>\n";

static pid_t spawn(const struct nm_rig *rig, const char *const argv[])
{
	int log = open(rig->log, O_WRONLY | O_CREAT | O_APPEND, 0600);
	pid_t pid = fork();

	if (pid == 0) {
		sigset_t none;

		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		dup2(log, STDERR_FILENO);
		execvp(argv[0], (char *const *)argv);
		_exit(127);
	}
	close(log);
	return pid;
}

static bool bus_listens(struct nm_rig *rig, const void *arg)
{
	return access(rig->bus_path, F_OK) == 0;
}

static void start_bus(struct nm_rig *rig)
{
	char path[128], option[160], address[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/bus.conf", rig->dir);
	file = fopen(path, "w");
	fprintf(file, bus_config, rig->bus_path);
	fclose(file);
	snprintf(option, sizeof(option), "--config-file=%s", path);
	rig->bus_pid = spawn(rig, (const char *const[]){ "dbus-daemon", option, "--nofork", NULL });
	assert_true(run_until(rig, bus_listens, NULL));
	snprintf(address, sizeof(address), "unix:path=%s", rig->bus_path);
	setenv("DBUS_SYSTEM_BUS_ADDRESS", address, 1);
	assert_true(sd_bus_open_system(&rig->bus) >= 0);
	assert_true(sd_bus_attach_event(rig->bus, rig->event, 0) >= 0);
	assert_true(sd_bus_match_signal(
			    rig->bus, NULL, NULL, PATH, INTERFACE, NULL, on_signal, rig) >= 0);
}

int nm_rig_start(void **state)
{
	struct nm_rig *rig = calloc(1, sizeof(*rig));

	strcpy(rig->dir, "/tmp/l2tpd-nm-XXXXXX");
	assert_non_null(mkdtemp(rig->dir));
	snprintf(rig->bus_path, sizeof(rig->bus_path), "%s/bus", rig->dir);
	snprintf(rig->socket, sizeof(rig->socket), "%s/control", rig->dir);
	snprintf(rig->log, sizeof(rig->log), "%s/log", rig->dir);
	rig->exit_status = -1;
	unsetenv("NM_VPN_LOG_SYSLOG");
	assert_true(sd_event_new(&rig->event) >= 0);
	start_bus(rig);
	nm_rig_start_daemon(rig);
	*state = rig;
	return 0;
}

static bool has_name(struct nm_rig *rig, const void *arg)
{
	return sd_bus_get_name_creds(rig->bus, NAME, 0, NULL) >= 0;
}

void nm_rig_run(struct nm_rig *rig, const char *option)
{
	const char *program = getenv("L2TPD_NM");

	assert_non_null(program);
	rig->pid = spawn(rig, (const char *const[]){ program, "--bus-name", NAME, "--socket",
				      rig->socket, option, NULL });
	rig->exit_status = -1;
	assert_true(run_until(rig, has_name, NULL));
}

static bool has_exited(struct nm_rig *rig, const void *arg)
{
	int status;

	if (rig->pid && waitpid(rig->pid, &status, WNOHANG) == rig->pid) {
		rig->pid = 0;
		rig->exit_status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	}
	return !rig->pid;
}

void nm_rig_expect_exit(struct nm_rig *rig, int status)
{
	if (!run_until(rig, has_exited, NULL))
		fail_msg("l2tpd-nm does not end");
	assert_int_equal(rig->exit_status, status);
}

void nm_rig_kill(struct nm_rig *rig, int signal)
{
	kill(rig->pid, signal);
}

static void remove_file(const struct nm_rig *rig, const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", rig->dir, name);
	unlink(path);
}

int nm_rig_stop(void **state)
{
	static const char *const files[] = { "bus", "bus.conf", "control", "log" };
	struct nm_rig *rig = *state;
	char *log = log_text(rig);

	if (rig->pid) {
		nm_rig_kill(rig, SIGTERM);
		run_until(rig, has_exited, NULL);
	}
	if (strstr(log, "Sanitizer") || strstr(log, "topsecret")) {
		fprintf(stderr, "%s", log);
		return -1;
	}
	free(log);
	if (rig->server)
		nm_rig_stop_daemon(rig);
	sd_bus_flush_close_unref(rig->bus);
	sd_event_unref(rig->event);
	kill(rig->bus_pid, SIGTERM);
	waitpid(rig->bus_pid, NULL, 0);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		remove_file(rig, files[i]);
	rmdir(rig->dir);
	while (rig->from_bus.count)
		free(rig->from_bus.lines[--rig->from_bus.count]);
	while (rig->from_daemon.count)
		free(rig->from_daemon.lines[--rig->from_daemon.count]);
	free(rig);
	return 0;
}
