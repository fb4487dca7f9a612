/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Why something did not work, for people: one sentence of one size, handed down and filled in. */
#ifndef BASE_WHY_H
#define BASE_WHY_H

struct why {
	char text[480];
};

/* Say it (cut where it is too long); returns error, so that "return why_not(...)" does both. */
int why_not(struct why *why, int error, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

#endif
