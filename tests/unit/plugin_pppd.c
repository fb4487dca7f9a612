/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin_pppd.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char pppd_log[4096];
int pppd_closed, pppd_logs_opened, pppd_networks;
enum NPmode pppd_npmode[2];

#define NOTIFIERS 16

static struct {
	option_t *options;
	struct {
		ppp_notify_t type;
		void (*func)(void *ctx, int value);
		void *ctx;
	} notifiers[NOTIFIERS];
	int n_notifiers;
	int mtu;
	void (*timer)(void *arg);
	void *timer_arg;
} pppd;

/* ---- variables of pppd ---- */

fsm lcp_fsm[1];
lcp_options lcp_wantoptions[1], lcp_gotoptions[1], lcp_hisoptions[1];
ipcp_options ipcp_wantoptions[1], ipcp_gotoptions[1], ipcp_hisoptions[1];
fsm ccp_fsm[1];
ccp_options ccp_wantoptions[1], ccp_gotoptions[1], ccp_hisoptions[1];
struct protent ccp_protent;
ipv6cp_options ipv6cp_gotoptions[1], ipv6cp_hisoptions[1];
int (*chap_check_hook)(void);
int (*chap_passwd_hook)(char *user, char *passwd);
int (*chap_verify_hook)(char *name, char *ourname, int id, struct chap_digest_type *digest,
	unsigned char *challenge, unsigned char *response, char *message, int message_space);
int (*pap_check_hook)(void);
int (*pap_auth_hook)(
	char *user, char *passwd, char **msgp, struct wordlist **paddrs, struct wordlist **popts);
int (*pap_passwd_hook)(char *user, char *passwd);
int (*allowed_address_hook)(uint32_t addr);
void (*ip_choose_hook)(uint32_t *addr);
void (*snoop_recv_hook)(unsigned char *p, int len);
bool uselogin;
/* 2.4.9 has these two only */
char path_ipup[MAXPATHLEN], path_ipdown[MAXPATHLEN];

/* ---- functions of pppd ---- */

static void put(char **dst, char *end, int c)
{
	if (*dst < end)
		*(*dst)++ = (char)c;
}

/* pppd's own format letter: printable, with M- and ^ for what is not. */
static void put_visible(char **dst, char *end, const unsigned char *s, int max)
{
	for (; max && *s; s++, max--) {
		unsigned char c = *s;

		if (c >= 0x80) {
			put(dst, end, 'M');
			put(dst, end, '-');
			c -= 0x80;
		}
		if ((c < 0x20 && c != '\t') || c == 0x7f) {
			put(dst, end, '^');
			c ^= 0x40;
		}
		put(dst, end, c);
	}
}

/* As much of it as the plugin uses: %s %d %v %.*v */
static int format(char *buf, int size, const char *fmt, va_list args)
{
	char *dst = buf, *end = buf + size - 1, number[16];
	const char *s;
	int max;

	for (; *fmt; fmt++) {
		if (*fmt != '%') {
			put(&dst, end, *fmt);
			continue;
		}
		max = -1;
		if (*++fmt == '.') {
			max = va_arg(args, int);
			fmt += 2;
		}
		switch (*fmt) {
		case 'v':
			put_visible(&dst, end, va_arg(args, const unsigned char *), max);
			break;
		case 's':
			for (s = va_arg(args, const char *); *s; s++)
				put(&dst, end, *s);
			break;
		case 'd':
			snprintf(number, sizeof(number), "%d", va_arg(args, int));
			for (s = number; *s; s++)
				put(&dst, end, *s);
			break;
		default:
			abort();
		}
	}
	*dst = '\0';
	return (int)(dst - buf);
}

static void log_line(const char *fmt, va_list args)
{
	size_t used = strlen(pppd_log);

	format(pppd_log + used, (int)(sizeof(pppd_log) - used - 1), fmt, args);
	strcat(pppd_log, "\n");
}

/* 2.4.9 and 2.5.0 have no const here. */
#if __has_include(<pppd/pppdconf.h>)
#define FORMAT const char *
#else
#define FORMAT char *
#endif

#define LOGGER(name)                                                                               \
	void name(FORMAT fmt, ...)                                                                 \
	{                                                                                          \
		va_list args;                                                                      \
                                                                                                   \
		va_start(args, fmt);                                                               \
		log_line(fmt, args);                                                               \
		va_end(args);                                                                      \
	}
LOGGER(error)
LOGGER(warn)

int slprintf(char *buf, int size, FORMAT fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = format(buf, size, fmt, args);
	va_end(args);
	return n;
}

size_t strlcpy(char *dst, const char *src, size_t size)
{
	snprintf(dst, size, "%s", src);
	return strlen(src);
}

void magic_init(void)
{
}

void reopen_log(void)
{
	pppd_logs_opened++;
}

int sifnpmode(int unit, int protocol, enum NPmode mode)
{
	pppd_npmode[protocol == 0x57] = mode;
	return 1;
}

/* Due at once: more is not asked for. */
void ppp_timeout(void (*func)(void *), void *arg, int s, int us)
{
	if (pppd.timer || s || us)
		abort();
	pppd.timer = func;
	pppd.timer_arg = arg;
}

/* As ccp.c does: networks that wait for encryption start now. */
static void ccp_is_up(fsm *f)
{
	pppd_networks++;
}

static void ccp_is_down(fsm *f)
{
	pppd_networks = 0;
}

static fsm_callbacks ccp_callbacks = { .up = ccp_is_up, .down = ccp_is_down };

void lcp_close(int unit, char *reason)
{
	pppd_closed++;
	lcp_fsm[0].term_reason = reason;
	lcp_fsm[0].term_reason_len = (int)strlen(reason);
	pppd_phase(PHASE_TERMINATE);
}

static void keep_notifier(ppp_notify_t type, void (*func)(void *, int), void *ctx)
{
	if (pppd.n_notifiers == NOTIFIERS)
		abort();
	pppd.notifiers[pppd.n_notifiers].type = type;
	pppd.notifiers[pppd.n_notifiers].func = func;
	pppd.notifiers[pppd.n_notifiers++].ctx = ctx;
}

#if __has_include(<pppd/pppdconf.h>)

/* pppd's header says "()", and a definition must not say more. */
#pragma GCC diagnostic ignored "-Wstrict-prototypes"

static ppp_exit_code_t exit_code;
static char interface[32], peer_name[MAXNAMELEN];
static int signaled;

void ppp_add_options(struct option *options)
{
	pppd.options = options;
}

void ppp_option_error(char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	log_line(fmt, args);
	va_end(args);
}

int ppp_int_option(char *name, int *value)
{
	*value = atoi(name);
	return 1;
}

ppp_exit_code_t ppp_status()
{
	return exit_code;
}

void ppp_set_status(ppp_exit_code_t code)
{
	exit_code = code;
}

bool ppp_signaled(int sig)
{
	return sig == SIGTERM && signaled;
}

int ppp_get_mtu(int unit)
{
	return pppd.mtu;
}

int ppp_ifunit()
{
	return 0;
}

const char *ppp_ifname()
{
	return interface;
}

const char *ppp_peer_authname(char *buf, size_t size)
{
	return peer_name;
}

void ppp_add_notify(ppp_notify_t type, ppp_notify_fn *func, void *ctx)
{
	keep_notifier(type, func, ctx);
}

#define SIGNALED signaled

#else

volatile int status;
int got_sigterm, ifunit;
char ifname[MAXIFNAMELEN], peer_authname[MAXNAMELEN];
struct notifier *phasechange, *exitnotify, *ip_up_notifier, *ip_down_notifier, *ipv6_up_notifier,
	*ipv6_down_notifier, *auth_up_notifier, *fork_notifier;

#define interface ifname
#define peer_name peer_authname
#define SIGNALED  got_sigterm

void add_options(option_t *options)
{
	pppd.options = options;
}

void option_error(char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	log_line(fmt, args);
	va_end(args);
}

int int_option(char *name, int *value)
{
	*value = atoi(name);
	return 1;
}

int netif_get_mtu(int unit)
{
	return pppd.mtu;
}

/* The list head tells which notifier is meant. */
void add_notifier(struct notifier **list, notify_func func, void *ctx)
{
	ppp_notify_t type;

	for (type = NF_PHASE_CHANGE; type <= NF_FORK; type++)
		if (compat_notifiers(type) == list)
			keep_notifier(type, func, ctx);
}

#endif

/* ---- for the tests ---- */

void pppd_reset(void)
{
	memset(&pppd, 0, sizeof(pppd));
	memset(lcp_fsm, 0, sizeof(lcp_fsm));
	memset(lcp_wantoptions, 0, sizeof(lcp_wantoptions));
	memset(lcp_gotoptions, 0, sizeof(lcp_gotoptions));
	memset(lcp_hisoptions, 0, sizeof(lcp_hisoptions));
	memset(ipcp_wantoptions, 0, sizeof(ipcp_wantoptions));
	memset(ipcp_gotoptions, 0, sizeof(ipcp_gotoptions));
	memset(ccp_wantoptions, 0, sizeof(ccp_wantoptions));
	memset(ccp_gotoptions, 0, sizeof(ccp_gotoptions));
	memset(ccp_hisoptions, 0, sizeof(ccp_hisoptions));
	ccp_protent.enabled_flag = 1;
	ccp_fsm[0].callbacks = &ccp_callbacks;
	pppd_npmode[0] = pppd_npmode[1] = NPMODE_PASS;
	pppd_networks = pppd_logs_opened = 0;
	memset(ipcp_hisoptions, 0, sizeof(ipcp_hisoptions));
	chap_check_hook = NULL;
	chap_passwd_hook = NULL;
	chap_verify_hook = NULL;
	pap_check_hook = NULL;
	pap_auth_hook = NULL;
	pap_passwd_hook = NULL;
	allowed_address_hook = NULL;
	ip_choose_hook = NULL;
	snoop_recv_hook = NULL;
	uselogin = 0;
	strcpy(path_ipup, "/etc/ppp/ip-up");
	strcpy(path_ipdown, "/etc/ppp/ip-down");
	SIGNALED = 0;
	pppd_closed = 0;
	pppd_log[0] = '\0';
	interface[0] = peer_name[0] = '\0';
	ppp_set_status(EXIT_OK);
}

int pppd_option(const char *name, const char *argument)
{
	char copy[64] = "", *argv[] = { copy, NULL };
	option_t *option;

	if (argument)
		strlcpy(copy, argument, sizeof(copy));
	for (option = pppd.options; option && option->name; option++)
		if (strcmp(option->name, name) == 0)
			return ((int (*)(char **))option->addr)(argv);
	return 0;
}

void pppd_notify(ppp_notify_t type, int value)
{
	int i;

	for (i = 0; i < pppd.n_notifiers; i++)
		if (pppd.notifiers[i].type == type)
			pppd.notifiers[i].func(pppd.notifiers[i].ctx, value);
}

void pppd_phase(int phase_now)
{
	pppd_notify(NF_PHASE_CHANGE, phase_now);
}

int pppd_timer(void)
{
	void (*timer)(void *) = pppd.timer;

	pppd.timer = NULL;
	if (timer)
		timer(pppd.timer_arg);
	return timer != NULL;
}

void pppd_ccp(int up, int ours, int peers)
{
	ccp_gotoptions[0].mppe = (unsigned char)ours;
	ccp_hisoptions[0].mppe = (unsigned char)peers;
	if (up)
		ccp_fsm[0].callbacks->up(&ccp_fsm[0]);
	else
		ccp_fsm[0].callbacks->down(&ccp_fsm[0]);
}

void pppd_set_interface(const char *name, int mtu)
{
	strlcpy(interface, name, sizeof(interface));
	pppd.mtu = mtu;
}

void pppd_set_peer_name(const char *name)
{
	strlcpy(peer_name, name, sizeof(peer_name));
}

void pppd_signal(int on)
{
	SIGNALED = on;
}
