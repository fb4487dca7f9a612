/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calls of the control server that take their time, end early or have a long answer. */
#include "ctl_rig.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* --- kept calls --- */

static void test_kept_call_blocks_later_ones(void **state)
{
	static const char three[] = KEEP "\0" ECHO_HI "\0" KEEP;
	struct fixture *f = *state;
	int fd = client_connect(f), other = client_connect(f);

	client_send(fd, three, sizeof(three));
	pump(f);
	EXPECT_NOTHING(fd);
	assert_int_equal(f->kept_len, 1);
	assert_int_equal(f->calls, 0);
	client_say(other, ECHO_HI);
	pump(f);
	EXPECT(other, REPLY_HI);
	request_reply(f->kept[0], json_pack("{s:i}", "n", 1));
	pump(f);
	EXPECT(fd, "{\"parameters\":{\"n\":1}}", REPLY_HI);
	assert_int_equal(f->kept_len, 2);
	request_error(f->kept[1], CTL_ERR_NOT_FOUND, "no such link");
	pump(f);
	EXPECT(fd, "{\"error\":\"org.l2tpd.NotFound\","
		   "\"parameters\":{\"message\":\"no such link\"}}");
	assert_int_equal(f->cancelled, 0);
	close(fd);
	close(other);
}

static void test_cancel_on_disconnect(void **state)
{
	struct fixture *f = *state;
	int fd = client_connect(f);

	client_say(fd, KEEP);
	pump(f);
	assert_int_equal(f->kept_len, 1);
	close(fd);
	pump(f);
	assert_int_equal(f->cancelled, 1);

	/* also with requests that wait behind it */
	fd = client_connect(f);
	client_say(fd, KEEP);
	client_say(fd, ECHO_HI);
	pump(f);
	client_say(fd, ECHO_HI);
	close(fd);
	pump(f);
	assert_int_equal(f->cancelled, 2);
	assert_int_equal(f->calls, 0);
}

static void test_cancel_on_free(void **state)
{
	struct fixture *f = *state;
	int fd = client_connect(f), other = client_connect(f);

	client_say(fd, KEEP);
	client_say(other, KEEP_MORE);
	pump(f);
	request_reply_more(f->kept[1], NULL);
	ctl_server_free(f->server);
	f->server = NULL;
	assert_int_equal(f->cancelled, 2);
	expect_closed(fd);
	EXPECT(other, "{\"parameters\":{},\"continues\":true}");
	expect_closed(other);
	assert_int_equal(access(f->path, F_OK), -1);
}

static void test_reply_to_gone_client(void **state)
{
	struct fixture *f = *state;
	int fd = client_connect(f);

	/* the client went away, and the answer comes before the loop saw that */
	client_say(fd, KEEP);
	pump(f);
	close(fd);
	request_reply(f->kept[0], NULL);
	pump(f);
	assert_int_equal(f->cancelled, 0);

	fd = client_connect(f);
	client_say(fd, KEEP_MORE);
	pump(f);
	close(fd);
	request_reply_more(f->kept[1], NULL);
	assert_int_equal(f->cancelled, 0); /* never from inside a reply */
	request_reply_more(f->kept[1], NULL);
	pump(f);
	assert_int_equal(f->cancelled, 1);
}

static void test_half_close(void **state)
{
	static const char two[] = KEEP "\0" ECHO_HI;
	struct fixture *f = *state;
	int fd = client_connect(f);

	/* as "nc -N" does: the answers are still wanted */
	client_send(fd, two, sizeof(two));
	shutdown(fd, SHUT_WR);
	pump(f);
	assert_int_equal(f->kept_len, 1);
	assert_int_equal(f->cancelled, 0);
	request_reply(f->kept[0], NULL);
	pump(f);
	EXPECT(fd, EMPTY, REPLY_HI);
	expect_closed(fd);

	/* the end in the middle of a request */
	fd = client_connect(f);
	client_send(fd, ECHO_HI, 10);
	shutdown(fd, SHUT_WR);
	pump(f);
	expect_closed(fd);
}

static void test_more(void **state)
{
	struct fixture *f = *state;
	int fd = client_connect(f), other = client_connect(f), i;

	client_say(fd, KEEP_MORE);
	pump(f);
	client_say(other, KEEP);
	pump(f);
	assert_true(request_wants_more(f->kept[0]));
	assert_false(request_wants_more(f->kept[1]));
	for (i = 0; i < 2; i++) {
		request_reply_more(f->kept[0], json_pack("{s:i}", "n", i));
		request_reply_more(f->kept[1], json_pack("{s:i}", "n", i));
	}
	pump(f);
	EXPECT(fd, "{\"parameters\":{\"n\":0},\"continues\":true}",
		"{\"parameters\":{\"n\":1},\"continues\":true}");
	EXPECT_NOTHING(other);
	request_reply(f->kept[0], NULL);
	request_reply(f->kept[1], NULL);
	pump(f);
	EXPECT(fd, EMPTY);
	EXPECT(other, EMPTY);
	client_say(fd, ECHO_HI);
	pump(f);
	EXPECT(fd, REPLY_HI);
	close(fd);
	close(other);
}

static void test_oneway(void **state)
{
	static const char two[] = "{\"method\":\"org.l2tpd.Change\",\"oneway\":true}\0"
				  "{\"method\":\"org.l2tpd.Fail\",\"oneway\":true}\0" ECHO_HI;
	struct fixture *f = *state;
	int fd = client_connect(f);

	client_send(fd, two, sizeof(two));
	pump(f);
	assert_int_equal(f->calls, 2);
	EXPECT(fd, REPLY_HI);
	/* sent, and gone at once */
	client_send(fd, two, sizeof(two));
	close(fd);
	pump(f);
	assert_int_equal(f->calls, 4);
}

/* --- readers that are slow, replies that are long --- */

static void test_slow_reader_is_dropped(void **state)
{
	struct fixture *f = *state;
	int fd = client_connect(f), other = client_connect(f), i;
	char text[1001];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = 0;
	client_say(fd, KEEP_MORE);
	client_say(other, KEEP_MORE);
	pump(f);
	assert_int_equal(f->kept_len, 2);
	for (i = 0; i < 10000 && !f->cancelled; i++) {
		char buf[4096];

		request_reply_more(f->kept[0], json_pack("{s:s}", "text", text));
		assert_int_equal(f->cancelled, 0);
		request_reply_more(f->kept[1], json_pack("{s:s}", "text", text));
		pump(f);
		assert_true(client_read(other, buf, sizeof(buf)) > 0);
	}
	/* dropped after a bounded queue, but not before a monitor could have been just busy */
	assert_int_equal(f->cancelled, 1);
	assert_in_range(i, 1000, 5000);
	client_say(other, ECHO_HI);
	request_reply(f->kept[1], NULL);
	pump(f);
	EXPECT(other, EMPTY, REPLY_HI);
	close(fd);
	close(other);
}

/* Read one reply of any length; its length without the NUL. */
static size_t read_long(struct fixture *f, int fd)
{
	static char buf[1 << 16];
	size_t len = 0;

	for (;;) {
		ssize_t n = recv(fd, buf, sizeof(buf), MSG_PEEK);
		const char *nul;

		if (n < 0) {
			assert_int_equal(errno, EAGAIN);
			pump(f);
			continue;
		}
		assert_true(n > 0);
		nul = memchr(buf, 0, (size_t)n);
		if (nul)
			n = nul - buf + 1;
		assert_int_equal(recv(fd, buf, (size_t)n, 0), n);
		len += (size_t)n;
		if (nul)
			return len - 1;
	}
}

static void test_long_replies(void **state)
{
	static const char two[] =
		"{\"method\":\"org.l2tpd.Big\",\"parameters\":{\"size\":8000000}}\0"
		"{\"method\":\"org.l2tpd.Big\",\"parameters\":{\"size\":17000000}}";
	struct fixture *f = *state;
	int fd = client_connect(f), i;

	client_send(fd, two, sizeof(two));
	/* nobody reads: no more than one reply is made */
	for (i = 0; i < 10; i++)
		client_say(fd, ECHO_HI);
	pump(f);
	assert_int_equal(f->calls, 0);
	assert_int_equal(read_long(f, fd), 8000000 + strlen("{\"parameters\":{\"text\":\"\"}}"));
	pump(f);
	/* over CTL_MAX_MESSAGE: an error of CTL_ERR_FAILED */
	assert_in_range(read_long(f, fd), 1, 200);
	pump(f);
	assert_int_equal(f->calls, 10);
	for (i = 0; i < 10; i++)
		assert_int_equal(read_long(f, fd), strlen(REPLY_HI));
	close(fd);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_kept_call_blocks_later_ones),
		TEST(test_cancel_on_disconnect),
		TEST(test_cancel_on_free),
		TEST(test_reply_to_gone_client),
		TEST(test_half_close),
		TEST(test_more),
		TEST(test_oneway),
		TEST(test_slow_reader_is_dropped),
		TEST(test_long_replies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
