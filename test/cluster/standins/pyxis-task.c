/* What the pyxis stand-in does to a task just before it runs: environment, namespaces, folder. */
#define _GNU_SOURCE
#include "pyxis.h"

#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The container's variables win over the job's but for those of --container-env; the host's language goes. */
static int take_environment(spank_t sp, pid_t pid)
{
	static const char *const host_only[] = { "LANG", "LANGUAGE", "LC_ALL" };
	char path[64], *setting = NULL;
	size_t size = 0;

	for (size_t i = 0; i < sizeof(host_only) / sizeof(*host_only); i++) {
		if (!args_keeps_env(host_only[i]))
			spank_unsetenv(sp, host_only[i]);
	}
	snprintf(path, sizeof(path), "/proc/%d/environ", pid);
	FILE *file = fopen(path, "re");
	if (!file) {
		slurm_error("pyxis: couldn't read %s", path);
		return -1;
	}
	while (getdelim(&setting, &size, '\0', file) > 0) {
		char *value = strchr(setting, '=');
		if (!value)
			continue;
		*value++ = '\0';
		spank_setenv(sp, setting, value, !args_keeps_env(setting));
	}
	free(setting);
	fclose(file);
	return 0;
}

static int open_namespace(pid_t pid, const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/ns/%s", pid, name);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		slurm_error("pyxis: unable to open %s namespace file: %m", name);
	return fd;
}

static int join(pid_t pid)
{
	int user = open_namespace(pid, "user"), mounts = open_namespace(pid, "mnt");

	if (user < 0 || mounts < 0)
		return -1;
	if (setns(user, CLONE_NEWUSER) < 0) {
		slurm_error("pyxis: couldn't join user namespace: %m");
		return -1;
	}
	if (setns(mounts, CLONE_NEWNS) < 0) {
		slurm_error("pyxis: couldn't join mount namespace: %m");
		return -1;
	}
	return 0;
}

int task_enter(spank_t sp)
{
	struct shared *shared = context.shared;
	pid_t pid = shared->pid;
	char path[64], folder[PATH_MAX] = "";

	snprintf(path, sizeof(path), "/proc/%d/cwd", pid);
	if (readlink(path, folder, sizeof(folder) - 1) < 0) {
		slurm_error("pyxis: couldn't read container cwd: %m");
		return -1;
	}
	if (take_environment(sp, pid) < 0 || join(pid) < 0)
		return -1;
	if (chdir(args.workdir ? args.workdir : folder) < 0) {
		slurm_error("pyxis: couldn't chdir to %s%s: %m", args.workdir ? "" : "container cwd ",
			    args.workdir ? args.workdir : folder);
		return -1;
	}
	/* The last one in lets the container's first process end. */
	if (__atomic_add_fetch(&shared->entered, 1, __ATOMIC_SEQ_CST) == context.job.local_tasks)
		kill(pid, SIGCONT);
	return 0;
}
