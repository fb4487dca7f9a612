/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "salt.h"

#include <errno.h>
#include <nettle/md5.h>
#include <string.h>

#define SALT_LEN 2
#define BLOCK	 MD5_DIGEST_SIZE

/* b(1) = MD5(secret, vector, salt), b(i) = MD5(secret, cipher block i - 1) */
static void key_of(const char *secret, const uint8_t *first, size_t first_len,
	const uint8_t *second, size_t second_len, uint8_t key[static BLOCK])
{
	struct md5_ctx md5;

	md5_init(&md5);
	md5_update(&md5, strlen(secret), (const uint8_t *)secret);
	md5_update(&md5, first_len, first);
	md5_update(&md5, second_len, second);
	md5_digest(&md5, BLOCK, key);
	explicit_bzero(&md5, sizeof(md5));
}

int salt_reveal(const uint8_t *value, size_t len, const char *secret,
	const uint8_t vector[static RADIUS_VECTOR_LEN], uint8_t ret[static SALT_PLAIN_MAX])
{
	uint8_t plain[SALT_PLAIN_MAX + 1], key[BLOCK];
	const uint8_t *cipher = value + SALT_LEN;
	size_t size, i;
	int r = -EINVAL;

	if (len < SALT_LEN + BLOCK || (len - SALT_LEN) % BLOCK != 0)
		return -EINVAL;
	size = len - SALT_LEN;
	if (size > sizeof(plain))
		return -EINVAL;
	for (i = 0; i < size; i++) {
		if (i == 0)
			key_of(secret, vector, RADIUS_VECTOR_LEN, value, SALT_LEN, key);
		else if (i % BLOCK == 0)
			key_of(secret, cipher + i - BLOCK, BLOCK, NULL, 0, key);
		plain[i] = cipher[i] ^ key[i % BLOCK];
	}
	/* the first octet is the length; what follows the password is padding */
	if (plain[0] < size) {
		r = plain[0];
		memcpy(ret, plain + 1, plain[0]);
	}
	explicit_bzero(plain, sizeof(plain));
	explicit_bzero(key, sizeof(key));
	return r;
}
