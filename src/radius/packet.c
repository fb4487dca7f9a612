/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "packet.h"

#include <errno.h>
#include <nettle/hmac.h>
#include <nettle/md5.h>
#include <nettle/memops.h>
#include <string.h>

#include "base/buf.h"

#define BLOCK	       MD5_DIGEST_SIZE
#define AT_CODE	       0
#define AT_ID	       1
#define AT_LENGTH      2
#define AT_VECTOR      4
#define SIGNATURE_SIZE (2 + MD5_DIGEST_SIZE) /* a Message-Authenticator with its header */

const uint8_t *packet_vector(const struct radius_packet *packet)
{
	return packet->data + AT_VECTOR;
}

const uint8_t *packet_attrs(const struct radius_packet *packet, size_t *ret_len)
{
	*ret_len = packet->len - RADIUS_HEADER_LEN;
	return packet->data + RADIUS_HEADER_LEN;
}

/* --- building ------------------------------------------------------------------------ */

/* RFC 2865 5.2: c(1) = p(1) ^ MD5(secret, vector), c(i) = p(i) ^ MD5(secret, c(i - 1)) */
static void put_password(struct buf_wr *wr, const uint8_t *password, size_t len, const char *secret,
	const uint8_t *vector)
{
	uint8_t cipher[RADIUS_VALUE_MAX + BLOCK] = { 0 };
	size_t size = len ? (len + BLOCK - 1) / BLOCK * BLOCK : BLOCK;
	const uint8_t *before = vector;
	uint8_t key[BLOCK];
	struct md5_ctx md5;

	memcpy(cipher, password, len);
	for (size_t at = 0; at < size; at += BLOCK) {
		md5_init(&md5);
		md5_update(&md5, strlen(secret), (const uint8_t *)secret);
		md5_update(&md5, BLOCK, before);
		md5_digest(&md5, BLOCK, key);
		memxor(cipher + at, key, BLOCK);
		before = cipher + at;
	}
	buf_wr_u8(wr, RADIUS_USER_PASSWORD);
	buf_wr_u8(wr, (uint8_t)(size + 2));
	buf_wr_bytes(wr, cipher, size);
	explicit_bzero(&md5, sizeof(md5));
	explicit_bzero(key, sizeof(key));
}

static int put_attrs(struct buf_wr *wr, const uint8_t *attrs, size_t len, const char *secret,
	const uint8_t *vector)
{
	struct buf_rd rd;

	buf_rd_init(&rd, attrs, len);
	while (buf_rd_left(&rd)) {
		uint8_t type = buf_rd_u8(&rd), size = buf_rd_u8(&rd);
		const uint8_t *value = size < 2 ? NULL : buf_rd_bytes(&rd, size - 2u);

		if (!value || (type == RADIUS_USER_PASSWORD && size - 2u > RADIUS_PASSWORD_MAX))
			return -EINVAL;
		if (type == RADIUS_USER_PASSWORD) {
			put_password(wr, value, size - 2u, secret, vector);
			continue;
		}
		buf_wr_u8(wr, type);
		buf_wr_u8(wr, size);
		buf_wr_bytes(wr, value, size - 2u);
	}
	return 0;
}

/* RFC 3579 3.2: over the packet with this vector, and zeros where the digest will be */
static void sign(const struct radius_packet *packet, const uint8_t *vector, size_t at,
	const char *secret, uint8_t ret[static MD5_DIGEST_SIZE])
{
	static const uint8_t zeros[MD5_DIGEST_SIZE];
	struct hmac_md5_ctx hmac;
	size_t rest = at + MD5_DIGEST_SIZE;

	hmac_md5_set_key(&hmac, strlen(secret), (const uint8_t *)secret);
	hmac_md5_update(&hmac, AT_VECTOR, packet->data);
	hmac_md5_update(&hmac, RADIUS_VECTOR_LEN, vector);
	hmac_md5_update(&hmac, at - RADIUS_HEADER_LEN, packet->data + RADIUS_HEADER_LEN);
	hmac_md5_update(&hmac, MD5_DIGEST_SIZE, zeros);
	hmac_md5_update(&hmac, packet->len - rest, packet->data + rest);
	hmac_md5_digest(&hmac, MD5_DIGEST_SIZE, ret);
	explicit_bzero(&hmac, sizeof(hmac));
}

/* RFC 2865 3, RFC 2866 3: MD5 over the packet with this vector, and the secret */
static void authenticate(const struct radius_packet *packet, const uint8_t *vector,
	const char *secret, uint8_t ret[static RADIUS_VECTOR_LEN])
{
	struct md5_ctx md5;

	md5_init(&md5);
	md5_update(&md5, AT_VECTOR, packet->data);
	md5_update(&md5, RADIUS_VECTOR_LEN, vector);
	md5_update(&md5, packet->len - RADIUS_HEADER_LEN, packet->data + RADIUS_HEADER_LEN);
	md5_update(&md5, strlen(secret), (const uint8_t *)secret);
	md5_digest(&md5, RADIUS_VECTOR_LEN, ret);
	explicit_bzero(&md5, sizeof(md5));
}

int packet_build(struct radius_packet *ret, enum radius_code code, uint8_t id,
	const uint8_t random[static RADIUS_VECTOR_LEN], const uint8_t *attrs, size_t len,
	const char *secret)
{
	static const uint8_t zeros[RADIUS_VECTOR_LEN];
	bool access = code == RADIUS_ACCESS_REQUEST;
	const uint8_t *vector = access ? random : zeros;
	struct buf_wr wr;
	int r;

	buf_wr_init(&wr, ret->data, sizeof(ret->data));
	buf_wr_u8(&wr, (uint8_t)code);
	buf_wr_u8(&wr, id);
	buf_wr_u16(&wr, 0);
	buf_wr_bytes(&wr, vector, RADIUS_VECTOR_LEN);
	if (access) {
		buf_wr_u8(&wr, RADIUS_MESSAGE_AUTHENTICATOR);
		buf_wr_u8(&wr, SIGNATURE_SIZE);
		buf_wr_bytes(&wr, zeros, MD5_DIGEST_SIZE);
	}
	r = put_attrs(&wr, attrs, len, secret, vector);
	if (r == 0 && wr.bad)
		r = -EMSGSIZE;
	if (r < 0)
		return r;
	buf_wr_patch_u16(&wr, AT_LENGTH, (uint16_t)wr.pos);
	ret->len = wr.pos;
	if (access)
		sign(ret, vector, RADIUS_HEADER_LEN + 2, secret, ret->data + RADIUS_HEADER_LEN + 2);
	else
		authenticate(ret, zeros, secret, ret->data + AT_VECTOR);
	return 0;
}

/* --- answers ------------------------------------------------------------------------- */

static bool answers(uint8_t request, uint8_t answer)
{
	if (request == RADIUS_ACCOUNTING_REQUEST)
		return answer == RADIUS_ACCOUNTING_RESPONSE;
	return answer == RADIUS_ACCESS_ACCEPT || answer == RADIUS_ACCESS_REJECT ||
	       answer == RADIUS_ACCESS_CHALLENGE;
}

/* Where the digest of a Message-Authenticator is; 0: there is none */
static size_t find_signature(const struct radius_packet *packet)
{
	struct buf_rd rd;

	buf_rd_init(&rd, packet->data + RADIUS_HEADER_LEN, packet->len - RADIUS_HEADER_LEN);
	while (buf_rd_left(&rd)) {
		uint8_t type = buf_rd_u8(&rd), size = buf_rd_u8(&rd);
		const uint8_t *value = size < 2 ? NULL : buf_rd_bytes(&rd, size - 2u);

		if (!value)
			return 0;
		if (type == RADIUS_MESSAGE_AUTHENTICATOR && size == SIGNATURE_SIZE)
			return (size_t)(value - packet->data);
	}
	return 0;
}

enum packet_fault packet_check(
	struct radius_packet *answer, const struct radius_packet *request, const char *secret)
{
	uint8_t digest[MD5_DIGEST_SIZE];
	struct buf_rd rd;
	size_t len, at;

	buf_rd_init(&rd, answer->data + AT_LENGTH, 2);
	len = answer->len < RADIUS_HEADER_LEN ? 0 : buf_rd_u16(&rd);
	if (len < RADIUS_HEADER_LEN || len > answer->len ||
		answer->data[AT_ID] != request->data[AT_ID] ||
		!answers(request->data[AT_CODE], answer->data[AT_CODE]))
		return PACKET_ODD;
	answer->len = len;
	authenticate(answer, packet_vector(request), secret, digest);
	if (!memeql_sec(digest, answer->data + AT_VECTOR, sizeof(digest)))
		return PACKET_UNPROVEN;
	if (request->data[AT_CODE] != RADIUS_ACCESS_REQUEST)
		return PACKET_GOOD;
	at = find_signature(answer);
	if (!at)
		return PACKET_UNSIGNED;
	sign(answer, packet_vector(request), at, secret, digest);
	return memeql_sec(digest, answer->data + at, sizeof(digest)) ? PACKET_GOOD
								     : PACKET_UNPROVEN;
}
