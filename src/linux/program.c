/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "program.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "thread.h"

/* Shared by the caller and the thread; the last one to let go frees it. */
struct program {
	pthread_mutex_t lock;
	unsigned refs;
	int fd; /* eventfd */
	char *path, **env;
	unsigned seconds;
	struct program_result result;
};

static void env_free(char **env)
{
	for (size_t i = 0; env && env[i]; i++)
		free(env[i]);
	free(env);
}

static char **env_copy(char *const *env)
{
	size_t len = 0;
	char **copy;

	while (env[len])
		len++;
	copy = calloc(len + 1, sizeof(*copy));
	for (size_t i = 0; copy && i < len; i++) {
		copy[i] = strdup(env[i]);
		if (!copy[i]) {
			env_free(copy);
			return NULL;
		}
	}
	return copy;
}

static void program_unref(struct program *program)
{
	bool last;

	pthread_mutex_lock(&program->lock);
	last = --program->refs == 0;
	pthread_mutex_unlock(&program->lock);
	if (!last)
		return;
	close(program->fd);
	pthread_mutex_destroy(&program->lock);
	free(program->path);
	env_free(program->env);
	free(program);
}

/* --- the thread --- */

static int spawn(const struct program *program, int out, pid_t *ret)
{
	char *const argv[] = { program->path, NULL };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	sigset_t all, none;
	int r;

	sigfillset(&all);
	sigemptyset(&none);
	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attr);
	r = posix_spawnattr_setflags(
		&attr, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
	r = r ? r : posix_spawnattr_setsigdefault(&attr, &all);
	r = r ? r : posix_spawnattr_setsigmask(&attr, &none);
	r = r ? r : posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	r = r ? r : posix_spawn_file_actions_adddup2(&actions, out, 1);
	r = r ? r : posix_spawn_file_actions_adddup2(&actions, 1, 2);
	r = r ? r : posix_spawn_file_actions_addclosefrom_np(&actions, 3);
	r = r ? r : posix_spawn(ret, program->path, &actions, &attr, argv, program->env);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&actions);
	return -r;
}

/* Keep the first line of what it says; false: it will say nothing more. */
static bool listen_to(int in, struct program_result *result, bool *ret_have)
{
	char text[512];
	ssize_t n = read(in, text, sizeof(text));
	size_t len = strlen(result->words), line;

	if (n <= 0)
		return false;
	if (*ret_have)
		return true;
	line = strnlen(text, (size_t)n);
	if (memchr(text, '\n', line))
		line = (size_t)((char *)memchr(text, '\n', line) - text);
	*ret_have = line < (size_t)n;
	if (line > sizeof(result->words) - 1 - len)
		line = sizeof(result->words) - 1 - len;
	memcpy(result->words + len, text, line);
	result->words[len + line] = '\0';
	return true;
}

static int left_ms(const struct timespec *end)
{
	struct timespec now;
	long ms;

	clock_gettime(CLOCK_MONOTONIC, &now);
	ms = (end->tv_sec - now.tv_sec) * 1000 + (end->tv_nsec - now.tv_nsec) / 1000000;
	return ms > 0 ? (int)ms : 0;
}

/* Until it ends or its time is over. Who holds its output longer than it lives is not waited for.
 */
static void watch(const struct program *program, pid_t pid, int in, struct program_result *result)
{
	struct pollfd fds[2] = { { .fd = (int)syscall(SYS_pidfd_open, pid, 0), .events = POLLIN },
		{ .fd = in, .events = POLLIN } };
	struct timespec end;
	bool have_line = false;
	int r = 0;

	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += program->seconds;
	while (!(fds[0].revents & POLLIN)) {
		r = poll(fds, 2, left_ms(&end));
		if (r == 0 || (r < 0 && errno != EINTR))
			break;
		if (r > 0 && fds[1].revents && !listen_to(in, result, &have_line))
			fds[1].fd = -1;
	}
	result->timed_out = !(fds[0].revents & POLLIN);
	if (fds[0].fd >= 0)
		close(fds[0].fd);
}

static void run_to_end(const struct program *program, struct program_result *result)
{
	siginfo_t info = { 0 };
	int pipes[2];
	pid_t pid;

	if (pipe2(pipes, O_CLOEXEC) < 0) {
		result->error = -errno;
		return;
	}
	result->error = spawn(program, pipes[1], &pid);
	close(pipes[1]);
	if (result->error == 0) {
		fcntl(pipes[0], F_SETFL, O_NONBLOCK);
		watch(program, pid, pipes[0], result);
		if (result->timed_out)
			kill(-pid, SIGKILL);
		while (waitid(P_PID, (id_t)pid, &info, WEXITED) < 0 && errno == EINTR)
			;
		result->status = info.si_code == CLD_EXITED ? info.si_status : -info.si_status;
	}
	close(pipes[0]);
}

static void *program_thread(void *arg)
{
	struct program_result result = { .error = 0 };
	struct program *program = arg;

	run_to_end(program, &result);
	pthread_mutex_lock(&program->lock);
	program->result = result;
	pthread_mutex_unlock(&program->lock);
	eventfd_write(program->fd, 1);
	program_unref(program);
	return NULL;
}

/* --- the caller --- */

int program_start(const char *path, char *const *env, unsigned seconds, struct program **ret)
{
	struct program *program = calloc(1, sizeof(*program));
	pthread_t thread;
	int r;

	if (!program)
		return -ENOMEM;
	pthread_mutex_init(&program->lock, NULL);
	program->refs = 1;
	program->seconds = seconds;
	program->path = strdup(path);
	program->env = env_copy(env);
	program->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	r = program->fd < 0 ? -errno : !program->path || !program->env ? -ENOMEM : 0;
	if (r == 0) {
		program->refs = 2;
		r = thread_start(program_thread, program, "program", &thread);
	}
	if (r < 0) {
		program->refs = 1;
		program_unref(program);
		return r;
	}
	pthread_detach(thread);
	*ret = program;
	return 0;
}

int program_fd(const struct program *program)
{
	return program->fd;
}

void program_result(struct program *program, struct program_result *ret)
{
	pthread_mutex_lock(&program->lock);
	*ret = program->result;
	pthread_mutex_unlock(&program->lock);
}

void program_free(struct program *program)
{
	if (program)
		program_unref(program);
}
