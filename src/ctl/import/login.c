/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "login.h"

#include <string.h>

#include "keep.h"

static const struct {
	const char *require; /* of our key */
	const char *refuse;  /* pppd's option */
} methods[METHOD_COUNT] = {
	[METHOD_PAP] = { "pap", "refuse-pap" },
	[METHOD_CHAP] = { "chap-md5", "refuse-chap" },
	/* its first version is broken, and is not offered: whoever can the first can the second */
	[METHOD_MSCHAP] = { "mschapv2", "refuse-mschap" },
	[METHOD_MSCHAPV2] = { "mschapv2", "refuse-mschap-v2" },
	[METHOD_EAP] = { "mschapv2", "refuse-eap" },
};

/* One method is asked for: the strongest of those that are. */
static const enum method by_strength[METHOD_COUNT] = { METHOD_MSCHAPV2, METHOD_MSCHAP, METHOD_CHAP,
	METHOD_PAP, METHOD_EAP };

void login_wipe(struct login *login)
{
	keep_wipe(login->name.text);
	keep_wipe(login->user.text);
	keep_wipe(login->password.text);
	keep_wipe(login->chap_users.text);
	keep_wipe(login->pap_users.text);
	memset(login, 0, sizeof(*login));
}

void login_text_set(struct login_text *to, struct import_line *from, const char *text)
{
	keep_replace(&to->text, text);
	to->from = from;
}

static void merge_text(struct login_text *to, const struct login_text *other)
{
	if (other->text)
		login_text_set(to, other->from, other->text);
}

static void merge_line(struct import_line **to, struct import_line *other)
{
	if (other)
		*to = other;
}

void login_merge(struct login *login, const struct login *other)
{
	for (size_t i = 0; i < METHOD_COUNT; i++) {
		merge_line(&login->require[i], other->require[i]);
		merge_line(&login->refuse[i], other->refuse[i]);
	}
	merge_line(&login->accept_pap, other->accept_pap);
	merge_line(&login->any, other->any);
	merge_line(&login->none, other->none);
	merge_line(&login->plugin, other->plugin);
	merge_text(&login->name, &other->name);
	merge_text(&login->user, &other->user);
	merge_text(&login->password, &other->password);
	merge_text(&login->chap_users, &other->chap_users);
	merge_text(&login->pap_users, &other->pap_users);
}

/* --- their login --- */

/* The line that asks for the strongest method; NULL: none does. */
static struct import_line *strongest(const struct login *login, enum method *ret)
{
	for (size_t i = 0; i < METHOD_COUNT; i++) {
		*ret = by_strength[i];
		if (login->require[*ret])
			return login->require[*ret];
	}
	*ret = METHOD_MSCHAPV2;
	return login->any;
}

/* What becomes of the other lines that ask for a login. */
static void tell_others(const struct login *login, enum method method, const struct import_line *by)
{
	const char *require = methods[method].require;

	for (size_t i = 0; i < METHOD_COUNT; i++) {
		struct import_line *line = login->require[i];

		if (!line || i == (size_t)method || (line == by && i != METHOD_PAP))
			continue;
		if (strcmp(methods[i].require, require) == 0)
			account_say(line, VERDICT_TAKEN, "require = %s", require);
		else if (i == METHOD_PAP)
			account_say(line, VERDICT_IMPOSSIBLE,
				"who can only PAP gets no call: one method is asked for, and "
				"require = %s is the strongest that is named",
				require);
		else
			account_say(line, VERDICT_UNNEEDED,
				"require = %s is the strongest that is named", require);
	}
	if (login->any && login->any != by)
		account_say(login->any, VERDICT_UNNEEDED, "require = %s says so", require);
	account_say(login->none, VERDICT_UNNEEDED,
		"the peer has to log in all the same: require = %s", require);
}

static void write_users(const struct login *login, enum method method, struct import_line *by,
	const char *chap_users, const char *pap_users, struct draft *draft)
{
	const struct login_text *file =
		method == METHOD_PAP ? &login->pap_users : &login->chap_users;

	if (login->plugin)
		return;
	if (file->text && !draft_problem("users", file->text))
		draft_set(draft, "users", file->from, file->text);
	else
		draft_set(draft, "users", by, method == METHOD_PAP ? pap_users : chap_users);
}

/* A client whose pppd has noauth asks the server to log in, but does not insist; require would. */
static void tell_unasked(const struct login *login)
{
	static const char why[] =
		"with noauth pppd only asks for it, and goes on without; require would insist";
	size_t i;

	for (i = 0; i < METHOD_COUNT; i++)
		account_say(login->require[i], VERDICT_UNNEEDED, why);
	account_say(login->none, VERDICT_UNNEEDED,
		"nobody has to log in where require does not say so");
}

/* True: they have to log in. */
static bool write_their_login(const struct login *login, bool server, const char *chap_users,
	const char *pap_users, struct draft *draft)
{
	enum method method;
	struct import_line *by = strongest(login, &method);

	if (login->none && !server) {
		tell_unasked(login);
		return false;
	}
	if (!by) {
		account_say(login->none, VERDICT_UNNEEDED,
			"nobody has to log in where require does not say so");
		return false;
	}
	draft_set(draft, "require", by, methods[method].require);
	if (method == METHOD_EAP)
		draft_set(draft, "eap", by, "yes");
	tell_others(login, method, by);
	write_users(login, method, by, chap_users, pap_users, draft);
	return true;
}

/* --- our login --- */

static void write_password(const struct login *login, const struct login_text *user,
	const struct login_source *source, struct draft *draft)
{
	struct import_line *from = NULL;
	char *password = NULL;

	if (login->password.text) {
		from = login->password.from;
		password = keep_text(login->password.text);
	} else if (source && source->password) {
		password = source->password(source->user, user->text, &from);
	}
	if (!password || !draft_set(draft, "password", from, password))
		draft_lacks(draft, "password", user->from);
	keep_wipe(password);
}

static void write_our_login(const struct login *login, bool server,
	const struct login_source *source, struct draft *draft)
{
	const struct login_text *user = login->user.text || server ? &login->user : &login->name;
	size_t i;

	if (!user->text || !draft_set(draft, "user", user->from, user->text)) {
		for (i = 0; i < METHOD_COUNT; i++)
			account_say(login->refuse[i], VERDICT_UNNEEDED,
				"without user there is no login of ours");
		return;
	}
	write_password(login, user, source, draft);
	if (login->accept_pap)
		draft_set(draft, "auth", login->accept_pap, "mschapv2 chap-md5 pap");
	for (i = 0; i < METHOD_COUNT; i++) {
		if (i == METHOD_EAP)
			account_say(login->refuse[i], VERDICT_UNNEEDED, "eap = no is the default");
		else if (login->refuse[i])
			draft_set(draft, "option", login->refuse[i], methods[i].refuse);
	}
}

void login_write(const struct login *login, bool server, const char *chap_users,
	const char *pap_users, const struct login_source *source, struct draft *draft)
{
	bool required = write_their_login(login, server, chap_users, pap_users, draft);

	if (login->name.text && required)
		draft_set(draft, "auth-name", login->name.from, login->name.text);
	else if (login->name.text && server)
		account_say(login->name.from, VERDICT_UNNEEDED,
			"it is our name where the peer has to log in, and it has not");
	write_our_login(login, server, source, draft);
}
