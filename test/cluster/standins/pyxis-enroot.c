/* How the pyxis stand-in calls enroot: as the job's user, with the job's environment but for a few names. */
#define _GNU_SOURCE
#include "pyxis.h"

#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* A job cannot change what the admin decides: these of its variables never reach enroot. */
static const char *const denied[] = {
	"PATH", "LD_LIBRARY_PATH", "LD_PRELOAD",
	"ENROOT_LIBRARY_PATH", "ENROOT_SYSCONF_PATH", "ENROOT_RUNTIME_PATH", "ENROOT_CACHE_PATH", "ENROOT_DATA_PATH",
	"ENROOT_TEMP_PATH", "ENROOT_ZSTD_OPTIONS", "ENROOT_TRANSFER_RETRIES", "ENROOT_CONNECT_TIMEOUT",
	"ENROOT_MAX_CONNECTIONS", "ENROOT_ALLOW_HTTP",
};

static int log_fd = -1;

static bool is_denied(const char *setting)
{
	for (size_t i = 0; i < sizeof(denied) / sizeof(*denied); i++) {
		size_t length = strlen(denied[i]);
		if (strncmp(setting, denied[i], length) == 0 && setting[length] == '=')
			return true;
	}
	return false;
}

const char *job_getenv(const struct job *job, const char *name)
{
	size_t length = strlen(name);

	for (char **one = job->env; one && *one; one++) {
		if (strncmp(*one, name, length) == 0 && (*one)[length] == '=')
			return *one + length + 1;
	}
	return NULL;
}

static void set_environment(const struct job *job)
{
	char *path = getenv("PATH") ? strdup(getenv("PATH")) : NULL;

	clearenv();
	if (path)
		setenv("PATH", path, 1);
	for (char **one = job->env; one && *one; one++) {
		if (!is_denied(*one))
			putenv(*one);
	}
	setenv("ENROOT_DATA_PATH", job->data_path, 1);
	setenv("ENROOT_RUNTIME_PATH", job->runtime_path, 1);
}

static void become_and_exec(const struct job *job, char *const argv[])
{
	int null = open("/dev/null", O_RDWR);

	if (dup2(null, 0) < 0 || dup2(log_fd, 1) < 0 || dup2(log_fd, 2) < 0 || close_range(3, ~0U, 0) < 0)
		_exit(EXIT_FAILURE);
	if (geteuid() == 0 && setgroups(1, &job->gid) < 0)
		_exit(EXIT_FAILURE);
	if (setregid(job->gid, job->gid) < 0 || setreuid(job->uid, job->uid) < 0)
		_exit(EXIT_FAILURE);
	set_environment(job);
	execvp("enroot", argv);
	_exit(EXIT_FAILURE);
}

int enroot_run(const struct job *job, char *const argv[])
{
	int status;

	if (log_fd >= 0)
		close(log_fd);
	log_fd = memfd_create("enroot-log", MFD_CLOEXEC);
	pid_t pid = fork();
	if (pid == 0)
		become_and_exec(job, argv);
	if (pid < 0 || waitpid(pid, &status, 0) < 0) {
		slurm_error("pyxis: couldn't run enroot: %m");
		return -1;
	}
	if (WIFSIGNALED(status)) {
		slurm_error("pyxis: child %d terminated with signal %d", pid, WTERMSIG(status));
		return -1;
	}
	if (WEXITSTATUS(status) != 0) {
		slurm_error("pyxis: child %d failed with error code: %d", pid, WEXITSTATUS(status));
		return -1;
	}
	return 0;
}

void enroot_print_log(void)
{
	char *line = NULL;
	size_t size = 0;
	FILE *file;

	if (log_fd < 0 || lseek(log_fd, 0, SEEK_SET) < 0 || (file = fdopen(log_fd, "r")) == NULL)
		return;
	slurm_error("pyxis: printing enroot log file:");
	while (getline(&line, &size, file) > 0) {
		line[strcspn(line, "\n")] = '\0';
		slurm_error("pyxis:     %s", line);
	}
	free(line);
	fclose(file);
	log_fd = -1;
}
