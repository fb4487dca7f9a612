/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef LINUX_THREAD_H
#define LINUX_THREAD_H

#include <pthread.h>

/*
 * Start a thread that no signal is delivered to: the main thread waits for them with signalfd. name
 * is what ps -L shows, at most 15 characters. 0 or -errno of pthread_create().
 */
int thread_start(void *(*run)(void *arg), void *arg, const char *name, pthread_t *ret);

#endif
