/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ppp_user.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "profile.h"

/* Of one user of one profile. */
struct user_calls {
	UT_hash_handle hh;
	LIST_HEAD(, ppp) ppps;
	char key[256]; /* profile, blank, user: names of profiles have no blank */
};

static const char *server_name(const struct call *call, const struct config_ppp *profile)
{
	const struct config_link *link = call->owner->config;

	if (*profile->auth_name)
		return profile->auth_name;
	return link && *link->hostname ? link->hostname : call->daemon->hostname;
}

int ppp_user_find(struct ppp *ppp, const char *name, struct user_entry *ret)
{
	struct call *call = ppp->call;
	const struct config_ppp *profile = profile_of(call->daemon, call->owner->config);
	const char *problem = NULL;
	int r;

	if (!profile || !*profile->users)
		return -ENOENT;
	r = users_lookup(profile->users, name, server_name(call, profile), ret, &problem);
	if (r < 0 && r != -ENOENT) {
		call_log(call, LOG_ERR, "[ppp %s]: users: %s", profile->name,
			problem ? problem : strerror(-r));
	} else if (r < 0) {
		call_log(call, LOG_NOTICE, "no user \"%s\" in %s", call->user, profile->users);
		if (problem)
			call_log(call, LOG_WARNING, "[ppp %s]: users: %s", profile->name, problem);
	} else if (ret->denied) {
		call_log(call, LOG_NOTICE,
			"user \"%s\" may not log in (no address is allowed in %s)", call->user,
			profile->users);
		user_entry_clear(ret);
		r = -EACCES;
	}
	return r;
}

/* --- the calls of a user --- */

/* NULL: no memory; then this call is not counted. */
static struct user_calls *calls_of(struct daemon *d, const char *profile, const char *user)
{
	struct user_calls *calls;
	char key[sizeof(calls->key)];

	snprintf(key, sizeof(key), "%s %s", profile, user);
	HASH_FIND_STR(d->user_calls, key, calls);
	if (calls)
		return calls;
	calls = calloc(1, sizeof(*calls));
	if (!calls)
		return NULL;
	snprintf(calls->key, sizeof(calls->key), "%s", key);
	HASH_ADD_STR(d->user_calls, key, calls);
	if (calls->hh.tbl)
		return calls;
	free(calls);
	return NULL;
}

static void join(struct ppp *ppp, struct user_calls *calls)
{
	ppp->user_calls = calls;
	LIST_INSERT_HEAD(&calls->ppps, ppp, of_user);
}

void ppp_user_forget(struct ppp *ppp)
{
	struct user_calls *calls = ppp->user_calls;

	if (!calls)
		return;
	LIST_REMOVE(ppp, of_user);
	ppp->user_calls = NULL;
	if (!LIST_EMPTY(&calls->ppps))
		return;
	HASH_DEL(ppp->call->daemon->user_calls, calls);
	free(calls);
}

static void replace(struct ppp *old, struct ppp *ppp)
{
	char addr[L2TP_ADDR_STRLEN], text[200];

	if (!ppp->lease) {
		ppp->lease = old->lease;
		old->lease = NULL;
	}
	snprintf(text, sizeof(text), "the same user has logged in again, from %s",
		l2tp_addr_format_host(&ppp->call->conn->path.peer, addr));
	call_close(old->call, text);
}

/* Those that end already count no more. */
static struct ppp *next_living(struct ppp *ppp)
{
	while (ppp && ppp->call->state == CALL_ENDING)
		ppp = LIST_NEXT(ppp, of_user);
	return ppp;
}

/* What the profile says of this user. */
static enum config_sessions sessions_of(struct ppp *ppp, const struct config_ppp *profile)
{
	struct user_entry entry = { 0 };
	bool fixed;

	if (profile->single_session != SESSIONS_FIXED)
		return profile->single_session;
	fixed = *profile->users && ppp_user_find(ppp, ppp->call->user, &entry) == 0 &&
		entry.has_address;
	user_entry_clear(&entry);
	return fixed ? SESSIONS_REPLACE : SESSIONS_ANY;
}

void ppp_user_proven(struct ppp *ppp)
{
	struct call *call = ppp->call;
	const struct config_ppp *profile = profile_of(call->daemon, call->owner->config);
	enum config_sessions sessions = SESSIONS_ANY;
	struct user_calls *calls;
	struct ppp *old;

	if (!profile || profile->require == REQUIRE_NONE || ppp->user_calls || !*call->user)
		return;
	calls = calls_of(call->daemon, profile->name, call->user);
	if (!calls)
		return;
	old = next_living(LIST_FIRST(&calls->ppps));
	if (old)
		sessions = sessions_of(ppp, profile);
	if (old && sessions == SESSIONS_DENY) {
		call_close(call, "this user has a call already, and may have one");
		return;
	}
	while (old && sessions == SESSIONS_REPLACE) {
		replace(old, ppp);
		old = next_living(LIST_NEXT(old, of_user));
	}
	join(ppp, calls);
}
