/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "check_forward.h"

#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"
#include "section.h"

/* The speeds that termios knows; any other cannot be set. */
static const unsigned speeds[] = { 50, 75, 110, 134, 150, 200, 300, 600, 1200, 1800, 2400, 4800,
	9600, 19200, 38400, 57600, 115200, 230400, 460800, 500000, 576000, 921600, 1000000, 1152000,
	1500000, 2000000, 2500000, 3000000, 3500000, 4000000 };

/* Where key stands in the section of that number, or else where the section begins. */
static struct config_place place_near(
	struct config_build *build, enum option_section section, size_t index, const char *key)
{
	const struct option *option = option_find(section, key);
	struct config_place place = build->places[section][index].of[option - option_table];
	const struct config_head *head = config_section_at(build->config, section, index);

	return place.file ? place : (struct config_place){ head->file, head->line };
}

static bool is_set(
	struct config_build *build, enum option_section section, size_t index, const char *key)
{
	return build->places[section][index].of[option_find(section, key) - option_table].file;
}

static bool need(
	struct config_build *build, enum option_section section, size_t index, const char *key)
{
	const struct config_head *head = config_section_at(build->config, section, index);

	if (is_set(build, section, index, key))
		return true;
	config_error(build, (struct config_place){ head->file, head->line }, "%s is missing: %s",
		key, option_find(section, key)->help);
	return false;
}

/* There is such a section; else an error at place. */
static const struct config_head *find(struct config_build *build, struct config_place place,
	const char *key, enum option_section section, const char *name)
{
	const struct config_head *head = config_section_find(build->config, section, name);
	struct nearest nearest = { .word = name };

	if (head)
		return head;
	for (size_t i = 0; i < config_section_count(build->config, section); i++) {
		head = config_section_look(build->config, section, i);
		nearest_offer(&nearest, head->name);
	}
	if (nearest.best)
		config_error(build, place, "%s: there is no [%s %s]; did you mean '%s'?", key,
			option_section_name(section), name, nearest.best);
	else
		config_error(build, place, "%s: there is no [%s %s]", key,
			option_section_name(section), name);
	return NULL;
}

static void check_pppoe(struct config_build *build, size_t index)
{
	const struct config_pppoe *pppoe = &build->config->pppoes[index];

	need(build, OPTION_PPPOE, index, "interface");
	for (size_t i = 0; i < index; i++) {
		const struct config_pppoe *other = &build->config->pppoes[i];

		for (size_t j = 0; j < pppoe->interfaces.len; j++)
			for (size_t k = 0; k < other->interfaces.len; k++)
				if (strcmp(pppoe->interfaces.word[j], other->interfaces.word[k]) ==
					0)
					config_error(build,
						place_near(build, OPTION_PPPOE, index, "interface"),
						"interface: [pppoe %s] has '%s', too", other->name,
						pppoe->interfaces.word[j]);
	}
}

static void check_serial(struct config_build *build, size_t index)
{
	const struct config_serial *serial = &build->config->serials[index];
	bool known = serial->speed == 0;

	need(build, OPTION_SERIAL, index, "device");
	for (size_t i = 0; i < sizeof(speeds) / sizeof(*speeds); i++)
		known |= serial->speed == speeds[i];
	if (!known)
		config_error(build, place_near(build, OPTION_SERIAL, index, "speed"),
			"speed: no line can be set to %u bit/s; 9600, 57600, 115200 and 921600 are "
			"common",
			serial->speed);
	for (size_t i = 0; i < index; i++)
		if (*serial->device &&
			strcmp(serial->device, build->config->serials[i].device) == 0)
			config_error(build, place_near(build, OPTION_SERIAL, index, "device"),
				"device: [serial %s] has it, too", build->config->serials[i].name);
}

/* The link whose callers are forwarded. */
static void check_from_link(
	struct config_build *build, struct config_place place, const struct config_link *link)
{
	if (!link->incoming)
		config_error(build, place,
			"from: [link %s] takes no calls; set incoming = yes there", link->name);
	if (*link->ppp)
		config_error(build, place,
			"from: [link %s] has ppp = %s: its calls end here, or are forwarded, not "
			"both",
			link->name, link->ppp);
}

static void check_from(struct config_build *build, size_t index)
{
	static const enum option_section sections[] = { [SOURCE_PPPOE] = OPTION_PPPOE,
		[SOURCE_SERIAL] = OPTION_SERIAL,
		[SOURCE_LINK] = OPTION_LINK };
	const struct config_forward *forward = &build->config->forwards[index];
	struct config_place place = place_near(build, OPTION_FORWARD, index, "from");
	const struct config_head *head;

	if (!need(build, OPTION_FORWARD, index, "from") || forward->from.kind == SOURCE_NONE)
		return;
	head = find(build, place, "from", sections[forward->from.kind], forward->from.name);
	if (head && forward->from.kind == SOURCE_LINK)
		check_from_link(build, place, (const struct config_link *)head);
}

static void check_to(struct config_build *build, size_t index)
{
	const struct config_forward *forward = &build->config->forwards[index];
	struct config_place place = place_near(build, OPTION_FORWARD, index, "to");

	need(build, OPTION_FORWARD, index, "to");
	for (size_t i = 0; i < forward->to.len; i++) {
		const char *name = forward->to.list[i].link;
		const struct config_link *link =
			(const struct config_link *)find(build, place, "to", OPTION_LINK, name);

		if (!link)
			continue;
		if (!link->originate)
			config_error(build, place,
				"to: [link %s] places no calls; set peer and originate = yes there",
				name);
		if (forward->from.kind == SOURCE_LINK && strcmp(forward->from.name, name) == 0)
			config_error(
				build, place, "to: [link %s] is where the calls come from", name);
	}
}

static bool takes_all(const struct config_forward *forward)
{
	return !forward->realms.len && !forward->services.len && !forward->callingnums.len;
}

/* With those before it that have the same source. */
static void check_siblings(struct config_build *build, size_t index)
{
	const struct config_forward *forward = &build->config->forwards[index];

	for (size_t i = 0; i < index; i++) {
		const struct config_forward *other = &build->config->forwards[i];

		if (!forward->from.name || !other->from.name ||
			other->from.kind != forward->from.kind ||
			strcmp(other->from.name, forward->from.name) != 0)
			continue;
		if (other->proxy != forward->proxy)
			config_error(build, place_near(build, OPTION_FORWARD, index, "proxy"),
				"proxy: [forward %s] has the same callers and another value: a "
				"caller is answered before it is known which is his",
				other->name);
		if (takes_all(other) && takes_all(forward))
			config_error(build, place_near(build, OPTION_FORWARD, index, "from"),
				"from: [forward %s] takes all of these calls already; tell them "
				"apart by realm, service-name or callingnum",
				other->name);
	}
}

static void check_forward(struct config_build *build, size_t index)
{
	const struct config_forward *forward = &build->config->forwards[index];

	check_from(build, index);
	check_to(build, index);
	if (forward->from.kind == SOURCE_LINK && forward->proxy != PROXY_NONE)
		config_error(build, place_near(build, OPTION_FORWARD, index, "proxy"),
			"proxy: a call of a link brings what its LAC has learned; leave it at "
			"none");
	if (forward->realms.len && forward->proxy != PROXY_AUTH &&
		forward->from.kind != SOURCE_LINK)
		config_error(build, place_near(build, OPTION_FORWARD, index, "realm"),
			"realm: nobody knows the user's name before he has logged in; set proxy = "
			"auth");
	if (is_set(build, OPTION_FORWARD, index, "auth") && forward->proxy != PROXY_AUTH)
		config_error(build, place_near(build, OPTION_FORWARD, index, "auth"),
			"auth: nobody is asked to log in; set proxy = auth");
	check_siblings(build, index);
}

void config_check_forwards(struct config_build *build)
{
	const struct config *config = build->config;

	for (size_t i = 0; i < config->pppoes_len; i++)
		check_pppoe(build, i);
	for (size_t i = 0; i < config->serials_len; i++)
		check_serial(build, i);
	for (size_t i = 0; i < config->forwards_len; i++)
		check_forward(build, i);
}
