/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Hidden attributes in messages, RFC 2661 4.3; the cipher texts are another implementation's. */
#include "msg_judge.h"

static const struct l2tp_secret no_secret = { NULL, 0 };

static void test_pitfall_08_hidden_attributes(void **state)
{
	static const struct row rows[] = {
		{ TYPE("0008") RV1 "c00a 0000 000e 3b5bb527", OK, 0, 0, NULL, 0 },
		/* four octets of vector, and padding that is not encrypted */
		{ TYPE("0008") RV2 "c00c 0000 000e b9356355 ffff", OK, 0, 0, NULL, 0 },
		/* several: the nearest before counts */
		{ TYPE("0008") RV1 RV2 "c00a 0000 000e b9356355", OK, 0, 0, NULL, 0 },
		{ TYPE("0008") RV2 RV1 "c00a 0000 000e 3b5bb527", OK, 0, 0, NULL, 0 },
		{ TYPE("0008") RV1 "c00a 0000 000e 3b5bb527" RV2 "c00c 0000 000f 49960c43c4e9", OK,
			0, 0, NULL, L2TP_DEV_EXTRA_AVP },
		/* none before it */
		{ TYPE("0008") "c00a 0000 000e 3b5bb527" RV1, SESSION, 2, 3,
			"OCRP: Assigned Session ID (attribute 14) is hidden, no Random Vector "
			"before it",
			0 },
		{ SCCRQ "400b 0000 0008 8fef250902", OK, 0, 0, NULL, L2TP_DEV_MALFORMED_OPTIONAL },
		/* inner length beyond the value, with M and without */
		{ TYPE("0001") PROTOCOL_VERSION FRAMING_CAP HOST_NAME RV1 "c00a 0000 0009 be6b0ff3",
			TUNNEL, 2, 2,
			"SCCRQ: Assigned Tunnel ID (attribute 9) cannot be unhidden, is the secret "
			"the "
			"same?",
			0 },
		{ TYPE("0001") PROTOCOL_VERSION FRAMING_CAP HOST_NAME RV1 "c00a 0000 0009 41970ff3",
			TUNNEL, 2, 2,
			"SCCRQ: Assigned Tunnel ID (attribute 9) cannot be unhidden, is the secret "
			"the "
			"same?",
			0 },
		{ SCCRQ RV1 "400b 0000 0008 8fef250902", OK, 0, 0, NULL,
			L2TP_DEV_MALFORMED_OPTIONAL },
		{ ICRQ RV1 "c006 0000 0016", SESSION, 2, 2,
			"ICRQ: Calling Number (attribute 22) cannot be unhidden, is the secret the "
			"same?",
			0 },
		{ ICRQ RV1 "c007 0000 0016 00", SESSION, 2, 2,
			"ICRQ: Calling Number (attribute 22) cannot be unhidden, is the secret the "
			"same?",
			0 },
		/* the value that comes out has to have the right length too */
		{ TYPE("0001") PROTOCOL_VERSION FRAMING_CAP HOST_NAME RV1 "c00a 0000 0009 be690ff3",
			TUNNEL, 2, 2,
			"SCCRQ: Assigned Tunnel ID (attribute 9) has a value of 1 octets", 0 },
	};

	JUDGE(rows);
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(judge(&rows[i], &secret).assigned_sid, 0x5678);
	assert_int_equal(judge(&rows[4], &secret).call_serial, 7);
}

/* A Random Vector is good for its own message only: nothing is carried over. */
static void test_pitfall_08_vector_of_another_message(void **state)
{
	static const struct row with = { TYPE("0008") RV1 "c00a 0000 000e 3b5bb527", OK, 0, 0, NULL,
		0 };
	static const struct row without = { TYPE("0008") "c00a 0000 000e 3b5bb527", SESSION, 2, 3,
		"OCRP: Assigned Session ID (attribute 14) is hidden, no Random Vector before it",
		0 };

	judge(&with, &secret);
	judge(&without, &secret);
}

static void test_pitfall_08_hidden_without_a_secret(void **state)
{
	static const struct row rows[] = {
		{ TYPE("0008") RV1 "c00a 0000 000e 3b5bb527", SESSION, 2, 6,
			"OCRP: Assigned Session ID (attribute 14) is hidden, no secret", 0 },
		{ SCCRQ RV1 "c00c 0000 0004 000000000000", TUNNEL, 2, 6,
			"SCCRQ: Bearer Capabilities (attribute 4) is hidden, no secret", 0 },
		{ SCCRQ RV1 "400b 0000 0008 8fef250902", OK, 0, 0, NULL,
			L2TP_DEV_MALFORMED_OPTIONAL },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		judge(&rows[i], &no_secret);
		judge(&rows[i], NULL);
	}
}

static void test_pitfall_09_what_may_be_hidden(void **state)
{
	static const struct row rows[] = {
		{ TYPE("0001") PROTOCOL_VERSION FRAMING_CAP HOST_NAME RV1
			"c016 0000 0009 be6a0ff3dfe546dac973475db413ff73",
			OK, 0, 0, NULL, 0 },
		{ TYPE("0001") PROTOCOL_VERSION FRAMING_CAP TUNNEL_ID RV1
			"c00b 0000 0007 69c4e3feec",
			TUNNEL, 2, 3, "SCCRQ: Host Name (attribute 7) must not be hidden", 0 },
		{ SCCRQ RV1 "c00a 0000 000a 00000000", TUNNEL, 2, 3,
			"SCCRQ: Receive Window Size (attribute 10) must not be hidden", 0 },
		{ SCCRQ RV1 "4010 0000 0005 00000000000000000000", OK, 0, 0, NULL,
			L2TP_DEV_MALFORMED_OPTIONAL },
		{ SCCRQ "c00a 0000 0024 deadbeef", TUNNEL, 2, 3,
			"SCCRQ: Random Vector (attribute 36) must not be hidden", 0 },
	};

	JUDGE(rows);
	assert_int_equal(judge(&rows[0], &secret).assigned_tid, 0x1234);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pitfall_08_hidden_attributes),
		cmocka_unit_test(test_pitfall_08_vector_of_another_message),
		cmocka_unit_test(test_pitfall_08_hidden_without_a_secret),
		cmocka_unit_test(test_pitfall_09_what_may_be_hidden),
	};

	return cmocka_run_group_tests_name("msg hidden", tests, NULL, NULL);
}
