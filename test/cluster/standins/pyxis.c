/*
 * A STAND-IN for NVIDIA's pyxis 0.24, written for these tests; it is packaged nowhere the tests may fetch from.
 * It keeps the real one's options, words, exit codes and habits, refuses what the real one refuses (test/contract
 * runs on either), calls enroot as the real one does, and shares no code with it. What it leaves out: joining a
 * container that still runs, saving one, importers, namespaces of the network.
 *
 *   required /.../spank_pyxis.so [runtime_path=FOLDER]
 *
 * Where containers lie is for enroot.conf to say; else it is the user's home, by enroot's default: where homes are
 * shared, nodes then get in each other's way.
 */
#define _GNU_SOURCE
#include "pyxis.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <slurm/slurm.h>

#pragma GCC visibility push(default)
SPANK_PLUGIN(pyxis, 1)

int slurm_spank_init(spank_t sp, int ac, char **av);
int slurm_spank_init_post_opt(spank_t sp, int ac, char **av);
int slurm_spank_user_init(spank_t sp, int ac, char **av);
int slurm_spank_task_init(spank_t sp, int ac, char **av);
int slurm_spank_exit(spank_t sp, int ac, char **av);
#pragma GCC visibility pop

struct context context;

static int read_settings(int ac, char **av)
{
	static const char runtime[] = "runtime_path=";

	strcpy(context.runtime_path, "/run/pyxis");
	for (int i = 0; i < ac; i++) {
		if (strncmp(av[i], runtime, strlen(runtime)) != 0) {
			slurm_error("pyxis: unknown configuration option: %s", av[i]);
			slurm_error("pyxis: failed to parse configuration");
			return -1;
		}
		snprintf(context.runtime_path, sizeof(context.runtime_path), "%s", av[i] + strlen(runtime));
	}
	return 0;
}

int slurm_spank_init(spank_t sp, int ac, char **av)
{
	spank_context_t where = spank_context();

	if (where == S_CTX_SLURMD) {
		if (read_settings(ac, av) < 0)
			return -1;
		return mkdir(context.runtime_path, 0755) < 0 && errno != EEXIST ? -1 : 0;
	}
	if (where != S_CTX_LOCAL && where != S_CTX_ALLOCATOR && where != S_CTX_REMOTE)
		return 0;
	if (where != S_CTX_LOCAL && read_settings(ac, av) < 0)
		return -1;
	return args_register(sp);
}

/* As root: a folder that the user alone may enter. */
static int make_own_folder(const struct job *job)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/%u", context.runtime_path, job->uid);
	if (mkdir(path, 0700) == 0 ? chown(path, job->uid, job->gid) == 0 : errno == EEXIST)
		return 0;
	slurm_error("pyxis: couldn't mkdir %s: %m", path);
	return -1;
}

int slurm_spank_init_post_opt(spank_t sp, int ac, char **av)
{
	struct job *job = &context.job;

	(void)ac;
	(void)av;
	context.enabled = args_enabled() && spank_context() == S_CTX_REMOTE;
	if (!context.enabled)
		return 0;
	if (spank_get_item(sp, S_JOB_UID, &job->uid) || spank_get_item(sp, S_JOB_GID, &job->gid) ||
	    spank_get_item(sp, S_JOB_ID, &job->id) || spank_get_item(sp, S_JOB_STEPID, &job->step) ||
	    spank_get_item(sp, S_JOB_LOCAL_TASK_COUNT, &job->local_tasks) ||
	    spank_get_item(sp, S_JOB_TOTAL_TASK_COUNT, &job->tasks))
		return -1;
	return make_own_folder(job);
}

static struct shared *share(void)
{
	struct shared *shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pthread_mutexattr_t attributes;

	if (shared == MAP_FAILED || pthread_mutexattr_init(&attributes) != 0)
		return NULL;
	pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
	pthread_mutex_init(&shared->mutex, &attributes);
	shared->pid = -1;
	return shared;
}

int slurm_spank_user_init(spank_t sp, int ac, char **av)
{
	struct job *job = &context.job;
	char **argv;
	int argc;

	(void)ac;
	(void)av;
	if (!context.enabled)
		return 0;
	context.shared = share();
	if (!context.shared || spank_get_item(sp, S_JOB_ENV, &job->env))
		return -1;
	/* A whole batch script runs inside: it has to be there. */
	if (job->step == SLURM_BATCH_SCRIPT && spank_get_item(sp, S_JOB_ARGV, &argc, &argv) == 0 && argc > 0)
		context.refused = args_add_mount(argv[0], argv[0], "ro");
	if (context.refused == 0)
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
	if (spank_get_item(sp, S_JOB_ENV, &context.job.env) || container_start_once() < 0)
		return -1;
	return task_enter(sp);
}

int slurm_spank_exit(spank_t sp, int ac, char **av)
{
	(void)sp;
	(void)ac;
	(void)av;
	if (!context.enabled || !context.temporary)
		return 0;
	slurm_info("pyxis: removing container filesystem: %s", context.name);
	if (enroot_run(&context.job, (char *[]){ "enroot", "remove", "-f", context.name, NULL }) < 0)
		slurm_info("pyxis: failed to remove container filesystem: %s", context.name);
	return 0;
}
