/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ppp_check.h"

#include <nettle/des.h>
#include <nettle/md4.h>
#include <nettle/md5.h>
#include <nettle/sha1.h>
#include <stdio.h>
#include <string.h>

#define MSCHAPV2_LEN 49 /* peer challenge 16, reserved 8, NT response 24, flags 1 */
#define NT_RESPONSE  24 /* where that stands */

/* RFC 2759 8.3: MD4 over the password in UTF-16; ours are ASCII. */
static void nt_hash(const char *password, uint8_t out[static MD4_DIGEST_SIZE])
{
	struct md4_ctx md4;

	md4_init(&md4);
	for (; *password; password++)
		md4_update(&md4, 2, (const uint8_t[]){ (uint8_t)*password, 0 });
	md4_digest(&md4, MD4_DIGEST_SIZE, out);
}

/* RFC 2759 8.2; the name is without a domain. */
static void challenge_hash(const struct l2tp_proxy *proxy, uint8_t out[static 8])
{
	struct sha1_ctx sha1;

	sha1_init(&sha1);
	sha1_update(&sha1, 16, proxy->authen_response.data);
	sha1_update(&sha1, 16, proxy->authen_challenge.data);
	sha1_update(&sha1, proxy->authen_name.len, proxy->authen_name.data);
	sha1_digest(&sha1, 8, out);
}

/* RFC 2759 8.6: 56 bits of key in eight octets with a parity bit each. */
static void des_encrypt_7(
	const uint8_t clear[static 8], const uint8_t key7[static 7], uint8_t out[static 8])
{
	uint8_t key[8];
	struct des_ctx des;

	for (unsigned i = 0; i < 8; i++) {
		unsigned before = i ? key7[i - 1] : 0, after = i < 7 ? key7[i] : 0;

		key[i] = (uint8_t)((before << (8 - i) | after >> i) & 0xfe);
	}
	des_fix_parity(8, key, key);
	des_set_key(&des, key);
	nettle_des_encrypt(&des, 8, out, clear);
}

/* RFC 2759 8.1, 8.5 */
static bool check_mschapv2(const struct l2tp_proxy *proxy, const char *password)
{
	uint8_t challenge[8], keys[21] = { 0 }, response[24];

	challenge_hash(proxy, challenge);
	nt_hash(password, keys);
	for (unsigned i = 0; i < 3; i++)
		des_encrypt_7(challenge, keys + 7 * i, response + 8 * i);
	return memcmp(proxy->authen_response.data + NT_RESPONSE, response, sizeof(response)) == 0;
}

/* RFC 1994 4.1 */
static bool check_md5(const struct l2tp_proxy *proxy, const char *password)
{
	uint8_t digest[MD5_DIGEST_SIZE];
	struct md5_ctx md5;

	md5_init(&md5);
	md5_update(&md5, 1, &proxy->authen_id);
	md5_update(&md5, strlen(password), (const uint8_t *)password);
	md5_update(&md5, proxy->authen_challenge.len, proxy->authen_challenge.data);
	md5_digest(&md5, sizeof(digest), digest);
	return proxy->authen_response.len == sizeof(digest) &&
	       memcmp(proxy->authen_response.data, digest, sizeof(digest)) == 0;
}

bool ppp_check_login(const struct l2tp_proxy *proxy, const char *password)
{
	if (proxy->authen_type == 3)
		return proxy->authen_response.len == strlen(password) &&
		       memcmp(proxy->authen_response.data, password, strlen(password)) == 0;
	if (proxy->authen_type != 2)
		return false;
	return proxy->authen_response.len == MSCHAPV2_LEN ? check_mschapv2(proxy, password)
							  : check_md5(proxy, password);
}

void ppp_check_success(const struct l2tp_proxy *proxy, const char *password, char out[static 43])
{
	static const char magic1[] = "Magic server to client signing constant";
	static const char magic2[] = "Pad to make it do more than one iteration";
	uint8_t hash[MD4_DIGEST_SIZE], challenge[8], digest[SHA1_DIGEST_SIZE];
	struct md4_ctx md4;
	struct sha1_ctx sha1;

	nt_hash(password, hash);
	md4_init(&md4);
	md4_update(&md4, sizeof(hash), hash);
	md4_digest(&md4, sizeof(hash), hash);
	sha1_init(&sha1);
	sha1_update(&sha1, sizeof(hash), hash);
	sha1_update(&sha1, 24, proxy->authen_response.data + NT_RESPONSE);
	sha1_update(&sha1, sizeof(magic1) - 1, (const uint8_t *)magic1);
	sha1_digest(&sha1, sizeof(digest), digest);
	challenge_hash(proxy, challenge);
	sha1_update(&sha1, sizeof(digest), digest);
	sha1_update(&sha1, sizeof(challenge), challenge);
	sha1_update(&sha1, sizeof(magic2) - 1, (const uint8_t *)magic2);
	sha1_digest(&sha1, sizeof(digest), digest);
	memcpy(out, "S=", 2);
	for (unsigned i = 0; i < sizeof(digest); i++)
		snprintf(out + 2 + 2 * i, 3, "%02X", digest[i]);
}
