/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pppoe_rig.h"

const uint8_t ac_mac[PPPOE_MAC_LEN] = { 2, 0, 0, 0, 0, 0xac };

static const char *const services[] = { "isp", "voice" };

struct pppoe_config config_of(void)
{
	return (struct pppoe_config){
		.ac_name = "ac1", .services = services, .service_count = 2, .replace = true
	};
}

void rig_new(struct rig *rig, const struct pppoe_config *config)
{
	const uint8_t seed[PPPOE_SEED_LEN] = { 1, 2, 3 };

	pppoe_ac_free(rig->ac);
	rig->ac = pppoe_ac_new(config, seed);
	assert_non_null(rig->ac);
	assert_int_equal(pppoe_ac_set_port(rig->ac, PORT, ac_mac, 1500), 0);
}

int setup(void **state)
{
	struct pppoe_config config = config_of();
	struct rig *rig = calloc(1, sizeof(*rig));

	assert_non_null(rig);
	rig->seen = calloc(SEEN_MAX, sizeof(*rig->seen));
	assert_non_null(rig->seen);
	rig->now = 1000 * SEC;
	rig_new(rig, &config);
	*state = rig;
	return 0;
}

int teardown(void **state)
{
	struct rig *rig = *state;

	pppoe_ac_free(rig->ac);
	free(rig->seen);
	free(rig);
	return 0;
}

void drain(struct rig *rig)
{
	const struct pppoe_effect *effect;

	rig->count = 0;
	while ((effect = pppoe_ac_next_effect(rig->ac))) {
		struct seen *seen = &rig->seen[rig->count++];

		assert_true(rig->count < SEEN_MAX);
		seen->effect = *effect;
		if (effect->type == PPPOE_EFFECT_SEND) {
			assert_in_range(effect->send.len, 20, PPPOE_FRAME_MAX);
			memcpy(seen->bytes, effect->send.data, effect->send.len);
			assert_int_equal(
				pppoe_parse(seen->bytes, effect->send.len, &seen->frame), 0);
			assert_int_equal(seen->frame.code, effect->send.code);
			assert_memory_equal(seen->frame.src, ac_mac, 6);
		} else if (effect->type == PPPOE_EFFECT_CALL_END && effect->end.text.data) {
			memcpy(seen->bytes, effect->end.text.data, effect->end.text.len);
			seen->effect.end.text.data = seen->bytes;
		}
	}
}

/* --- the client ---------------------------------------------------------------------- */

struct client client_of(uint8_t n)
{
	return (struct client){ .mac = { 2, 0, 0, 0, 1, n }, .service = pppoe_text("isp") };
}

void client_sends(struct rig *rig, const struct client *c, enum pppoe_code code, uint16_t sid)
{
	static const uint8_t all[PPPOE_MAC_LEN] = { 255, 255, 255, 255, 255, 255 };
	uint8_t *buf = malloc(PPPOE_FRAME_MAX), *exact;
	struct buf_wr wr;
	int len;

	assert_non_null(buf);
	buf_wr_init(&wr, buf, PPPOE_FRAME_MAX);
	pppoe_begin(&wr, code == PPPOE_PADI ? all : ac_mac, c->mac, code, sid);
	pppoe_put(&wr, PPPOE_TAG_SERVICE_NAME, c->service);
	pppoe_put(&wr, PPPOE_TAG_AC_NAME, c->ac_name);
	pppoe_put(&wr, PPPOE_TAG_HOST_UNIQ, c->host_uniq);
	pppoe_put(&wr, PPPOE_TAG_RELAY_SESSION_ID, c->relay_id);
	pppoe_put(&wr, PPPOE_TAG_VENDOR, c->line);
	if (c->max_payload)
		pppoe_put_u16(&wr, PPPOE_TAG_MAX_PAYLOAD, c->max_payload);
	if (code == PPPOE_PADR)
		pppoe_put(&wr, PPPOE_TAG_AC_COOKIE, c->cookie);
	len = pppoe_end(&wr);
	assert_true(len > 0);
	exact = malloc((size_t)len);
	assert_non_null(exact);
	memcpy(exact, buf, (size_t)len);
	free(buf);
	pppoe_ac_input(rig->ac, rig->now, PORT, exact, (size_t)len);
	free(exact);
	drain(rig);
}

const struct seen *only(const struct rig *rig, enum pppoe_effect_type type)
{
	assert_int_equal(rig->count, 1);
	assert_int_equal(rig->seen[0].effect.type, type);
	return &rig->seen[0];
}

const struct pppoe_frame *only_frame(const struct rig *rig, enum pppoe_code code)
{
	const struct seen *seen = only(rig, PPPOE_EFFECT_SEND);

	assert_int_equal(seen->frame.code, code);
	return &seen->frame;
}

void assert_text(struct l2tp_span span, const char *text)
{
	assert_non_null(span.data);
	assert_int_equal(span.len, strlen(text));
	assert_memory_equal(span.data, text, span.len);
}

const struct pppoe_frame *discover(struct rig *rig, struct client *c)
{
	const struct pppoe_frame *pado;

	client_sends(rig, c, PPPOE_PADI, 0);
	pado = only_frame(rig, PPPOE_PADO);
	assert_memory_equal(pado->dst, c->mac, 6);
	assert_in_range(pado->cookie.len, 1, sizeof(c->cookie_bytes));
	memcpy(c->cookie_bytes, pado->cookie.data, pado->cookie.len);
	c->cookie = (struct l2tp_span){ c->cookie_bytes, pado->cookie.len };
	return pado;
}

uint16_t request(struct rig *rig, struct client *c)
{
	discover(rig, c);
	client_sends(rig, c, PPPOE_PADR, 0);
	return only(rig, PPPOE_EFFECT_CALL_WANTED)->effect.sid;
}

const struct pppoe_frame *accept_call(struct rig *rig, uint16_t sid)
{
	const struct pppoe_frame *pads;

	pppoe_ac_accept(rig->ac, rig->now, sid);
	drain(rig);
	pads = only_frame(rig, PPPOE_PADS);
	assert_int_equal(pads->sid, sid);
	return pads;
}

uint16_t call(struct rig *rig, struct client *c)
{
	uint16_t sid = request(rig, c);

	accept_call(rig, sid);
	return sid;
}

struct pppoe_info info_of(const struct rig *rig, uint16_t sid)
{
	struct pppoe_info info;

	assert_true(pppoe_ac_info(rig->ac, sid, &info));
	return info;
}

struct pppoe_stats stats_of(const struct rig *rig)
{
	struct pppoe_stats stats;

	pppoe_ac_stats(rig->ac, &stats);
	return stats;
}
