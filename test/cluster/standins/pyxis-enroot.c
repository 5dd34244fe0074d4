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
	"PATH", "LD_LIBRARY_PATH", "LD_PRELOAD", "SLURM_PROCID", "SLURM_LOCALID", "SLURM_TASK_PID",
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

static void set_switch(const char *name, int value)
{
	if (value != -1)
		setenv(name, value ? "y" : "n", 1);
}

/* The site's folders come from its enroot.conf alone. */
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
	set_switch("ENROOT_MOUNT_HOME", args.mount_home);
	set_switch("ENROOT_REMAP_ROOT", args.remap_root);
	set_switch("ENROOT_ROOTFS_WRITABLE", args.writable);
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

pid_t enroot_start(const struct job *job, char *const argv[])
{
	if (log_fd >= 0)
		close(log_fd);
	log_fd = memfd_create("enroot-log", MFD_CLOEXEC);
	pid_t pid = fork();
	if (pid == 0)
		become_and_exec(job, argv);
	return pid;
}

int enroot_run(const struct job *job, char *const argv[])
{
	int status;
	pid_t pid = enroot_start(job, argv);

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

FILE *enroot_log(void)
{
	int fd = log_fd;

	log_fd = -1;
	return fd < 0 || lseek(fd, 0, SEEK_SET) < 0 ? NULL : fdopen(fd, "r");
}

void enroot_print_log(void)
{
	char *line = NULL;
	size_t size = 0;
	FILE *file = enroot_log();

	if (!file)
		return;
	slurm_error("pyxis: printing enroot log file:");
	while (getline(&line, &size, file) > 0) {
		line[strcspn(line, "\n")] = '\0';
		slurm_error("pyxis:     %s", line);
	}
	free(line);
	fclose(file);
}
