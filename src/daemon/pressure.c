/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pressure.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"

#define INTERVAL (60 * USEC_PER_SEC)
/* So much refused or given up in a minute is more than peers that merely err. */
#define ATTACK 100u

struct pressure {
	usec_t next;	    /* not before */
	uint64_t drops;	    /* at the last line */
	uint64_t held_back; /* refused and given up, at the last line */
};

struct words {
	char text[400];
	size_t len;
};

int pressure_new(struct daemon *d)
{
	d->pressure = calloc(1, sizeof(*d->pressure));
	return d->pressure ? 0 : -ENOMEM;
}

void pressure_free(struct daemon *d)
{
	free(d->pressure);
	d->pressure = NULL;
}

static void __attribute__((format(printf, 2, 3))) add(struct words *words, const char *fmt, ...)
{
	va_list ap;
	int n;

	if (words->len >= sizeof(words->text))
		return;
	va_start(ap, fmt);
	n = vsnprintf(words->text + words->len, sizeof(words->text) - words->len, fmt, ap);
	va_end(ap);
	words->len += n > 0 ? (size_t)n : 0;
}

static uint64_t held_back(const struct l2tp_core_stats *stats)
{
	uint64_t sum = stats->refused_tunnels + stats->refused_calls + stats->refused_rate +
		       stats->overflows;

	for (unsigned i = 0; i < L2TP_RANK_COUNT; i++)
		sum += stats->gave_way[i];
	return sum;
}

static uint64_t dropped(const struct l2tp_core_stats *stats)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < L2TP_DROP_COUNT; i++)
		sum += stats->drops[i];
	return sum;
}

static void log_drops(const struct l2tp_core_stats *stats)
{
	struct words words = { .len = 0 };

	for (unsigned i = 0; i < L2TP_DROP_COUNT; i++)
		if (stats->drops[i])
			add(&words, "%s%s: %llu", words.len ? ", " : "", l2tp_drop_name(i),
				(unsigned long long)stats->drops[i]);
	log_notice("datagrams dropped since start: %s", words.text);
}

static void log_attack(struct daemon *d, const struct l2tp_core_stats *stats, uint64_t events)
{
	struct l2tp_talker worst[3];
	unsigned n = l2tp_core_talkers(d->core, daemon_now(d), worst, 3);
	char host[L2TP_ADDR_STRLEN];
	struct words words = { .len = 0 };

	for (unsigned i = 0; i < n; i++)
		add(&words, "%s%s/%u (%llu)", i ? ", " : "",
			l2tp_addr_format_host(&worst[i].network, host), worst[i].width,
			(unsigned long long)worst[i].events);
	log_warning("under attack: %llu tunnels and calls refused or given up in the last minute; "
		    "now %u tunnels, of them %u half-open, %u without calls; most comes from %s",
		(unsigned long long)events, stats->tunnels, stats->half_open, stats->idle,
		n ? words.text : "many networks");
}

void pressure_log(struct daemon *d)
{
	struct pressure *p = d->pressure;
	struct l2tp_core_stats stats;
	uint64_t held;

	if (daemon_now(d) < p->next)
		return;
	l2tp_core_stats(d->core, &stats);
	held = held_back(&stats);
	if (dropped(&stats) == p->drops && held - p->held_back < ATTACK)
		return;
	if (dropped(&stats) != p->drops)
		log_drops(&stats);
	if (held - p->held_back >= ATTACK)
		log_attack(d, &stats, held - p->held_back);
	p->drops = dropped(&stats);
	p->held_back = held;
	p->next = daemon_now(d) + INTERVAL;
}
