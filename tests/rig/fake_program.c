/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Programs of the administrator's: they run until the test says what became of them. */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "fake_priv.h"
#include "fake_program.h"

static TAILQ_HEAD(, program) programs = TAILQ_HEAD_INITIALIZER(programs);
int fake_program_error;

int program_start(const char *path, char *const *env, unsigned seconds, struct program **ret)
{
	struct program *program;

	fake_charge(50);
	if (fake_program_error)
		return fake_program_error;
	program = calloc(1, sizeof(*program));
	assert(program);
	program->path = strdup(path);
	while (env[program->env_len]) {
		assert(program->env_len < FAKE_ENV);
		program->env[program->env_len] = strdup(env[program->env_len]);
		program->env_len++;
	}
	program->seconds = seconds;
	program->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	TAILQ_INSERT_TAIL(&programs, program, entry);
	*ret = program;
	return 0;
}

int program_fd(const struct program *program)
{
	return program->fd;
}

void program_result(struct program *program, struct program_result *ret)
{
	*ret = program->result;
}

void program_free(struct program *program)
{
	if (!program)
		return;
	TAILQ_REMOVE(&programs, program, entry);
	close(program->fd);
	free(program->path);
	while (program->env_len)
		free(program->env[--program->env_len]);
	free(program);
}

struct program *fake_program(unsigned index)
{
	struct program *program;

	TAILQ_FOREACH (program, &programs, entry)
		if (!index--)
			break;
	return program;
}

const char *fake_program_env(const struct program *program, const char *name)
{
	for (size_t i = 0; i < program->env_len; i++)
		if (strncmp(program->env[i], name, strlen(name)) == 0 &&
			program->env[i][strlen(name)] == '=')
			return program->env[i] + strlen(name) + 1;
	return NULL;
}

void fake_program_ends(struct program *program, int status)
{
	program->result.status = status;
	eventfd_write(program->fd, 1);
}
