/*
 * A STAND-IN for NVIDIA's pyxis 0.24, written for these tests; it is packaged nowhere the tests may fetch from.
 * It keeps the real one's options, words, exit codes and habits (see the tests beside it), calls enroot to unpack,
 * and shares no code with it. What it leaves out: joining a container that still runs, importers, entrypoints.
 *
 *   required /.../spank_pyxis.so [data_path=FOLDER] [runtime_path=FOLDER]
 *
 * With data_path containers lie in FOLDER/user-UID of each node; else where ENROOT_DATA_PATH of slurmd says;
 * else in the user's home, as by enroot's default: where homes are shared, nodes then get in each other's way.
 */
#define _GNU_SOURCE
#include "pyxis.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#pragma GCC visibility push(default)
SPANK_PLUGIN(pyxis, 1)

int slurm_spank_init(spank_t sp, int ac, char **av);
int slurm_spank_init_post_opt(spank_t sp, int ac, char **av);
int slurm_spank_user_init(spank_t sp, int ac, char **av);
int slurm_spank_task_init(spank_t sp, int ac, char **av);
int slurm_spank_task_exit(spank_t sp, int ac, char **av);
int slurm_spank_exit(spank_t sp, int ac, char **av);
#pragma GCC visibility pop

struct context context;

static const char *setting(int ac, char **av, const char *name)
{
	size_t length = strlen(name);

	for (int i = 0; i < ac; i++) {
		if (strncmp(av[i], name, length) == 0 && av[i][length] == '=')
			return av[i] + length + 1;
	}
	return NULL;
}

/* As root: folders that the user alone may enter, below one that all may. */
static int make_own_folder(const char *parent, const char *path, uid_t uid, gid_t gid)
{
	if (mkdir(parent, 0755) < 0 && errno != EEXIST)
		return -1;
	if (mkdir(path, 0700) < 0)
		return errno == EEXIST ? 0 : -1;
	return chown(path, uid, gid);
}

int slurm_spank_init(spank_t sp, int ac, char **av)
{
	(void)ac;
	(void)av;
	spank_context_t where = spank_context();
	if (where != S_CTX_LOCAL && where != S_CTX_ALLOCATOR && where != S_CTX_REMOTE)
		return 0;
	return args_register(sp);
}

int slurm_spank_init_post_opt(spank_t sp, int ac, char **av)
{
	struct job *job = &context.job;
	const char *runtime = setting(ac, av, "runtime_path"), *data = setting(ac, av, "data_path");

	if (spank_context() != S_CTX_REMOTE) {
		args_enabled(true);
		return 0;
	}
	if (!args_enabled(false))
		return 0;
	context.enabled = true;
	if (spank_get_item(sp, S_JOB_UID, &job->uid) || spank_get_item(sp, S_JOB_GID, &job->gid) ||
	    spank_get_item(sp, S_JOB_ID, &job->id) || spank_get_item(sp, S_JOB_STEPID, &job->step) ||
	    spank_get_item(sp, S_JOB_TOTAL_TASK_COUNT, &job->tasks))
		return -1;
	if (!runtime)
		runtime = "/run/pyxis";
	snprintf(job->runtime_path, sizeof(job->runtime_path), "%s/%u", runtime, job->uid);
	if (make_own_folder(runtime, job->runtime_path, job->uid, job->gid) < 0) {
		slurm_error("pyxis: couldn't mkdir %s: %m", job->runtime_path);
		return -1;
	}
	if (data) {
		snprintf(job->data_path, sizeof(job->data_path), "%s/user-%u", data, job->uid);
		if (make_own_folder(data, job->data_path, job->uid, job->gid) < 0) {
			slurm_error("pyxis: couldn't mkdir %s: %m", job->data_path);
			return -1;
		}
	} else if (getenv("ENROOT_DATA_PATH")) {
		snprintf(job->data_path, sizeof(job->data_path), "%s", getenv("ENROOT_DATA_PATH"));
	}
	return 0;
}

int slurm_spank_user_init(spank_t sp, int ac, char **av)
{
	struct job *job = &context.job;

	(void)ac;
	(void)av;
	if (!context.enabled)
		return 0;
	if (spank_get_item(sp, S_JOB_ENV, &job->env))
		return -1;
	const char *home = job_getenv(job, "HOME");
	struct passwd *who = home ? NULL : getpwuid(job->uid);
	snprintf(job->home, sizeof(job->home), "%s", home ? home : who ? who->pw_dir : "/");
	if (!*job->data_path) {
		const char *xdg = job_getenv(job, "XDG_DATA_HOME");
		if (xdg)
			snprintf(job->data_path, sizeof(job->data_path), "%s/enroot", xdg);
		else
			snprintf(job->data_path, sizeof(job->data_path), "%.4000s/.local/share/enroot", job->home);
	}
	context.refused = container_choose();
	return 0;
}

int slurm_spank_task_init(spank_t sp, int ac, char **av)
{
	(void)ac;
	(void)av;
	if (!context.enabled)
		return 0;
	if (context.refused)
		return context.refused;
	/* Again: each task's environment is its own. */
	if (spank_get_item(sp, S_JOB_ENV, &context.job.env) || container_create_once() < 0)
		return -1;
	return task_enter(sp);
}

/* While the step still counts as running: srun waits for the file. */
int slurm_spank_task_exit(spank_t sp, int ac, char **av)
{
	static uint32_t ended;
	uint32_t tasks = 1;

	(void)ac;
	(void)av;
	spank_get_item(sp, S_JOB_LOCAL_TASK_COUNT, &tasks);
	if (!context.enabled || !args.save || ++ended < tasks || access(context.rootfs, F_OK) < 0)
		return 0;
	if (enroot_run(&context.job, (char *[]){ "enroot", "export", "-f", "-o", args.save, context.name, NULL }) < 0) {
		enroot_print_log();
		return -1;
	}
	slurm_spank_log("pyxis: exported container %s to %s", context.name, args.save);
	return 0;
}

int slurm_spank_exit(spank_t sp, int ac, char **av)
{
	struct job *job = &context.job;

	(void)sp;
	(void)ac;
	(void)av;
	if (!context.enabled || spank_context() != S_CTX_REMOTE)
		return 0;
	unlink(context.lock);
	if (context.temporary && access(context.rootfs, F_OK) == 0) {
		slurm_info("pyxis: removing container filesystem: %s", context.name);
		if (enroot_run(job, (char *[]){ "enroot", "remove", "-f", context.name, NULL }) < 0)
			slurm_info("pyxis: failed to remove container filesystem: %s", context.name);
	}
	return 0;
}
