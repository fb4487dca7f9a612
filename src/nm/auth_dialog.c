/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * l2tpd-nm-auth-dialog: which secrets a profile lacks, for nmcli, GNOME Shell and nm-applet, which
 * start it as the user, feed it the profile, and ask for what it names (external UI mode). It
 * shows nothing itself, and needs no graphics.
 *
 * In, a line each: DATA_KEY=key, DATA_VAL=value, SECRET_KEY=..., SECRET_VAL=..., then DONE; a line
 * that begins with "=" goes on with the value before it. Out: a key file, with a group for each
 * secret. QUIT, or the end, is waited for at the end.
 */
#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include "profile.h"
#include "settings.h"

#define MESSAGE_TAG "x-vpn-message:"

struct arguments {
	const char *name, *uuid, *service;
	bool ask, reprompt, external;
	const char *message;		   /* of the plugin, for the user */
	bool wants_password, wants_secret; /* the plugin does, as what there was is wrong */
};

static void take_hint(struct arguments *args, const char *hint)
{
	if (strncmp(hint, MESSAGE_TAG, strlen(MESSAGE_TAG)) == 0)
		args->message = hint + strlen(MESSAGE_TAG);
	else if (strcmp(hint, NM_SECRET_PASSWORD) == 0)
		args->wants_password = true;
	else if (strcmp(hint, NM_SECRET_TUNNEL) == 0)
		args->wants_secret = true;
}

static void usage(FILE *out)
{
	fputs("Usage: l2tpd-nm-auth-dialog -u UUID -n NAME -s SERVICE [-i] [-r] [-t HINT]\n"
	      "                            --external-ui-mode\n"
	      "Started by nmcli and desktops, which ask for the secrets that it names. See\n"
	      "l2tpd-nm(8).\n",
		out);
}

static const struct option options[] = {
	{ "uuid", required_argument, NULL, 'u' },
	{ "name", required_argument, NULL, 'n' },
	{ "service", required_argument, NULL, 's' },
	{ "allow-interaction", no_argument, NULL, 'i' },
	{ "reprompt", no_argument, NULL, 'r' },
	{ "hint", required_argument, NULL, 't' },
	{ "external-ui-mode", no_argument, NULL, 'e' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

/* False: *ret_exit says with what. */
static bool parse_arguments(int argc, char **argv, struct arguments *args, int *ret_exit)
{
	int c;

	*ret_exit = 0;
	while ((c = getopt_long(argc, argv, "u:n:s:irt:h", options, NULL)) != -1) {
		switch (c) {
		case 'u':
			args->uuid = optarg;
			break;
		case 'n':
			args->name = optarg;
			break;
		case 's':
			args->service = optarg;
			break;
		case 'i':
			args->ask = true;
			break;
		case 'r':
			args->reprompt = true;
			break;
		case 't':
			take_hint(args, optarg);
			break;
		case 'e':
			args->external = true;
			break;
		case 'h':
			usage(stdout);
			return false;
		default:
			usage(stderr);
			*ret_exit = 2;
			return false;
		}
	}
	if (args->uuid && args->name && args->service)
		return true;
	usage(stderr);
	*ret_exit = 2;
	return false;
}

/* --- in --- */

struct reader {
	struct nm_profile *profile;
	char *key, *value; /* of the item that is being read */
	const char *section;
	bool in_value;
};

static void wipe(char **text)
{
	if (*text)
		explicit_bzero(*text, strlen(*text));
	free(*text);
	*text = NULL;
}

/* The item is complete. 0 or -ENOMEM. */
static int finish_item(struct reader *reader)
{
	int r = 0;

	if (reader->key && reader->value)
		r = nm_profile_set(reader->profile, reader->section, reader->key, reader->value);
	wipe(&reader->value);
	free(reader->key);
	reader->key = NULL;
	return r;
}

static int continue_text(char **text, const char *more)
{
	char *longer;

	if (asprintf(&longer, "%s\n%s", *text ? *text : "", more) < 0)
		return -ENOMEM;
	wipe(text);
	*text = longer;
	return 0;
}

static int begin_text(char **text, const char *value)
{
	wipe(text);
	*text = strdup(value);
	return *text ? 0 : -ENOMEM;
}

static int read_key(struct reader *reader, const char *section, const char *key)
{
	int r = finish_item(reader);

	reader->section = section;
	reader->in_value = false;
	return r < 0 ? r : begin_text(&reader->key, key);
}

static const char *after(const char *line, const char *begin)
{
	return strncmp(line, begin, strlen(begin)) == 0 ? line + strlen(begin) : NULL;
}

static int read_line(struct reader *reader, const char *line)
{
	const char *text;

	if ((text = after(line, "DATA_KEY=")))
		return read_key(reader, "data", text);
	if ((text = after(line, "SECRET_KEY=")))
		return read_key(reader, "secrets", text);
	if ((text = after(line, "DATA_VAL=")) || (text = after(line, "SECRET_VAL="))) {
		reader->in_value = true;
		return begin_text(&reader->value, text);
	}
	if (*line == '=')
		return continue_text(reader->in_value ? &reader->value : &reader->key, line + 1);
	return 0; /* a blank line, or what later versions may say */
}

/* Up to DONE. 0 or -errno. */
static int read_profile(struct nm_profile *profile)
{
	struct reader reader = { .profile = profile, .section = "data" };
	bool done = false;
	char *line = NULL;
	size_t size = 0;
	ssize_t len;
	int r = 0;

	while (r == 0 && !done && (len = getline(&line, &size, stdin)) > 0) {
		if (line[len - 1] == '\n')
			line[len - 1] = '\0';
		done = strcmp(line, "DONE") == 0;
		if (!done)
			r = read_line(&reader, line);
	}
	if (r == 0)
		r = finish_item(&reader);
	wipe(&reader.value);
	free(reader.key);
	if (line)
		explicit_bzero(line, size);
	free(line);
	return r < 0 ? r : done ? 0 : -ENODATA;
}

static void wait_for_quit(void)
{
	char line[64];

	while (fgets(line, sizeof(line), stdin) && strcmp(line, "QUIT\n") != 0)
		;
}

/* --- out --- */

/* As GKeyFile wants strings. */
static void print_text(const char *key, const char *text)
{
	const char *c;

	printf("%s=", key);
	for (c = text; *c; c++) {
		if (*c == '\n')
			fputs("\\n", stdout);
		else if (*c == '\r')
			fputs("\\r", stdout);
		else if (*c == '\t')
			fputs("\\t", stdout);
		else if (*c == '\\')
			fputs("\\\\", stdout);
		else if (*c == ' ' && c == text)
			fputs("\\s", stdout);
		else
			putchar(*c);
	}
	putchar('\n');
}

static void print_secret(const struct arguments *args, const struct nm_profile *profile,
	const char *name, const char *label, bool wanted)
{
	const char *value = nm_profile_get(profile, "secrets", name);

	printf("\n[%s]\n", name);
	/* one that was wrong is not shown again */
	print_text("Value", value && !wanted ? value : "");
	print_text("Label", label);
	print_text("IsSecret", "true");
	print_text("ShouldAsk", args->ask && wanted ? "true" : "false");
}

static bool is_wanted(const struct arguments *args, const struct nm_profile *profile,
	const char *name, bool hinted)
{
	const char *value = nm_profile_get(profile, "secrets", name);
	bool hints = args->wants_password || args->wants_secret;

	if (hints)
		return hinted;
	return args->reprompt ? value || nm_settings_lack_secret(profile, name)
			      : nm_settings_lack_secret(profile, name);
}

static void print_dialog(const struct arguments *args, const struct nm_profile *profile)
{
	const char *gateway = nm_profile_get(profile, "data", "gateway");
	const char *user = nm_profile_get(profile, "data", "user");
	bool password = is_wanted(args, profile, NM_SECRET_PASSWORD, args->wants_password);
	bool secret = is_wanted(args, profile, NM_SECRET_TUNNEL, args->wants_secret);
	char text[500];

	printf("[VPN Plugin UI]\nVersion=2\n");
	if (args->message)
		snprintf(text, sizeof(text), "%s", args->message);
	else
		snprintf(text, sizeof(text), "%s%s%s asks for the %s of \"%s\".",
			gateway ? gateway : "The server", user ? ", user " : "", user ? user : "",
			password ? "password" : "tunnel secret", args->name);
	print_text("Description", text);
	snprintf(text, sizeof(text), "Connect to %s", args->name);
	print_text("Title", text);
	if (password || nm_profile_get(profile, "secrets", NM_SECRET_PASSWORD))
		print_secret(args, profile, NM_SECRET_PASSWORD, "Password", password);
	if (secret || nm_profile_get(profile, "secrets", NM_SECRET_TUNNEL))
		print_secret(args, profile, NM_SECRET_TUNNEL, "Tunnel secret", secret);
}

/* Programs that cannot ask by themselves: what is there is all there is. False: not enough. */
static bool print_plain(const struct arguments *args, const struct nm_profile *profile)
{
	static const char *const names[] = { NM_SECRET_PASSWORD, NM_SECRET_TUNNEL };
	const char *value;
	size_t i;

	for (i = 0; i < 2; i++) {
		bool hinted = i == 0 ? args->wants_password : args->wants_secret;

		if (is_wanted(args, profile, names[i], hinted)) {
			fputs("l2tpd-nm-auth-dialog: this program can ask for secrets only in "
			      "external UI mode; use nmcli --ask\n",
				stderr);
			return false;
		}
	}
	for (i = 0; i < 2; i++) {
		value = nm_profile_get(profile, "secrets", names[i]);
		if (value)
			printf("%s\n%s\n", names[i], value);
	}
	printf("\n\n");
	return true;
}

int main(int argc, char **argv)
{
	struct arguments args = { 0 };
	struct nm_profile *profile;
	bool good = true;
	int r;

	if (!parse_arguments(argc, argv, &args, &r))
		return r;
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	profile = nm_profile_new();
	r = profile ? read_profile(profile) : -ENOMEM;
	if (r < 0)
		fprintf(stderr, "l2tpd-nm-auth-dialog: no profile on standard input: %s\n",
			strerror(-r));
	else if (args.external)
		print_dialog(&args, profile);
	else
		good = print_plain(&args, profile);
	nm_profile_free(profile);
	/* the other end reads to the end of what we write: it must have all before QUIT */
	if (fflush(stdout) != 0)
		r = -errno;
	if (r == 0 && good)
		wait_for_quit();
	return r < 0 || !good ? 1 : 0;
}
