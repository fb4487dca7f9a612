/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Serial lines. */
#include "tty.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include <linux/serial.h>
#include <linux/tty.h>

/* V.24 modems want to see DTR down for so long */
#define DTR_DOWN_NSEC 500000000L

static const struct {
	unsigned speed;
	speed_t code;
} speeds[] = {
	{ 300, B300 },
	{ 600, B600 },
	{ 1200, B1200 },
	{ 2400, B2400 },
	{ 4800, B4800 },
	{ 9600, B9600 },
	{ 19200, B19200 },
	{ 38400, B38400 },
	{ 57600, B57600 },
	{ 115200, B115200 },
	{ 230400, B230400 },
	{ 460800, B460800 },
	{ 500000, B500000 },
	{ 576000, B576000 },
	{ 921600, B921600 },
	{ 1000000, B1000000 },
	{ 1152000, B1152000 },
	{ 1500000, B1500000 },
	{ 2000000, B2000000 },
	{ 2500000, B2500000 },
	{ 3000000, B3000000 },
	{ 3500000, B3500000 },
	{ 4000000, B4000000 },
};

static speed_t code_of(unsigned speed)
{
	for (size_t i = 0; i < sizeof(speeds) / sizeof(speeds[0]); i++)
		if (speeds[i].speed == speed)
			return speeds[i].code;
	return B0;
}

bool tty_is_speed(unsigned speed)
{
	return code_of(speed) != B0;
}

static int set_up(int fd, const struct tty_options *options)
{
	struct termios t;

	if (tcgetattr(fd, &t) < 0)
		return -errno;
	cfmakeraw(&t);
	t.c_cflag &= ~(tcflag_t)(CSTOPB | CRTSCTS | CLOCAL);
	t.c_cflag |= CREAD | HUPCL;
	t.c_iflag |= IGNBRK | IGNPAR;
	if (options->flow)
		t.c_cflag |= CRTSCTS;
	if (!options->carrier)
		t.c_cflag |= CLOCAL;
	if (options->speed) {
		cfsetispeed(&t, code_of(options->speed));
		cfsetospeed(&t, code_of(options->speed));
	}
	return tcsetattr(fd, TCSANOW, &t) < 0 ? -errno : 0;
}

int tty_open(const char *device, const struct tty_options *options, int *ret_fd)
{
	int fd, r;

	if (options->speed && !tty_is_speed(options->speed))
		return -EINVAL;
	fd = open(device, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	r = ioctl(fd, TIOCEXCL) < 0 ? -errno : set_up(fd, options);
	if (r < 0) {
		close(fd);
		return r;
	}
	*ret_fd = fd;
	return 0;
}

int tty_start_ppp(int fd)
{
	int discipline = N_PPP;

	return ioctl(fd, TIOCSETD, &discipline) < 0 ? -errno : 0;
}

int tty_errors(int fd, uint32_t ret[static 6])
{
	struct serial_icounter_struct count;

	if (ioctl(fd, TIOCGICOUNT, &count) < 0)
		return -errno;
	ret[0] = 0;
	ret[1] = (uint32_t)count.frame;
	ret[2] = (uint32_t)count.overrun;
	ret[3] = (uint32_t)count.buf_overrun;
	ret[4] = 0;
	ret[5] = (uint32_t)count.parity;
	return 0;
}

void tty_hang_up(int fd)
{
	const struct timespec down = { .tv_nsec = DTR_DOWN_NSEC };
	int discipline = N_TTY, dtr = TIOCM_DTR;

	ioctl(fd, TIOCSETD, &discipline);
	tcflush(fd, TCIOFLUSH);
	/* a pseudo terminal has no modem lines, and nothing to wait for */
	if (ioctl(fd, TIOCMBIC, &dtr) == 0) {
		nanosleep(&down, NULL);
		ioctl(fd, TIOCMBIS, &dtr);
	}
	ioctl(fd, TIOCNXCL);
	close(fd);
}
