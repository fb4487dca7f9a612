/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PPP channels: frames by /dev/ppp, and bridges. */
#include "ppp_channel.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/ppp-ioctl.h>

/* Frames moved at most when two legs are joined: more than both queues hold. */
#define FORWARD_MAX 128

static int open_dev_ppp(void)
{
	int fd = open("/dev/ppp", O_RDWR | O_NONBLOCK | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

int ppp_leg_open(int line, struct ppp_leg *ret)
{
	struct ppp_leg leg = { .line = line };
	int r;

	if (ioctl(line, PPPIOCGCHAN, &leg.channel) < 0)
		return -errno;
	leg.fd = open_dev_ppp();
	if (leg.fd < 0)
		return leg.fd;
	if (ioctl(leg.fd, PPPIOCATTCHAN, &leg.channel) < 0) {
		r = -errno;
		close(leg.fd);
		return r;
	}
	*ret = leg;
	return 0;
}

void ppp_leg_close(struct ppp_leg *leg)
{
	if (leg->line >= 0)
		close(leg->line);
	if (leg->fd >= 0)
		close(leg->fd);
	*leg = PPP_LEG_NONE;
}

ssize_t ppp_leg_read(const struct ppp_leg *leg, uint8_t *buf, size_t size)
{
	ssize_t len = read(leg->fd, buf, size);

	if (len < 0)
		return -errno;
	/* ppp_read(): nothing, without having to wait, is said of a channel that is gone */
	return len ? len : -ENOTCONN;
}

int ppp_leg_write(const struct ppp_leg *leg, const uint8_t *frame, size_t len)
{
	return write(leg->fd, frame, len) < 0 ? -errno : 0;
}

bool ppp_leg_can_join(const struct ppp_leg *leg)
{
	int nobody = -1;

	/* no channel has this number: the kernel says so, if it knows the call at all */
	return ioctl(leg->fd, PPPIOCBRIDGECHAN, &nobody) == 0 || errno != ENOTTY;
}

/* Send on what waits at one leg to another. The number of frames. */
static int forward_waiting(const struct ppp_leg *from, const struct ppp_leg *to)
{
	uint8_t frame[PPP_FRAME_MAX];
	int count = 0;

	while (count < FORWARD_MAX) {
		ssize_t len = ppp_leg_read(from, frame, sizeof(frame));

		if (len < 0)
			break;
		/* if the other side is gone its own descriptor says so */
		ppp_leg_write(to, frame, (size_t)len);
		count++;
	}
	return count;
}

int ppp_leg_join(const struct ppp_leg *a, const struct ppp_leg *b)
{
	int channel = b->channel;

	if (ioctl(a->fd, PPPIOCBRIDGECHAN, &channel) < 0)
		return -errno;
	/* nothing is added to these queues any more */
	return forward_waiting(a, b) + forward_waiting(b, a);
}

int ppp_leg_part(const struct ppp_leg *leg)
{
	return ioctl(leg->fd, PPPIOCUNBRIDGECHAN) < 0 ? -errno : 0;
}

int ppp_leg_set_accm(const struct ppp_leg *leg, uint32_t send, uint32_t receive)
{
	if (ioctl(leg->fd, PPPIOCSASYNCMAP, &send) < 0 ||
		ioctl(leg->fd, PPPIOCSRASYNCMAP, &receive) < 0)
		return -errno;
	return 0;
}
