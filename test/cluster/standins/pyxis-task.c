/* What the pyxis stand-in does to a task just before it runs: environment, mounts, root, folder. */
#define _GNU_SOURCE
#include "pyxis.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <slurm/slurm.h>

/* Calls back for each line of a file of the container's. */
static void each_line(const char *name, void (*use)(spank_t sp, char *line, void *data), spank_t sp, void *data)
{
	char path[PATH_MAX], *line = NULL;
	size_t size = 0;

	snprintf(path, sizeof(path), "%.4000s%s", context.rootfs, name);
	FILE *file = fopen(path, "re");
	if (!file)
		return;
	while (getline(&line, &size, file) > 0) {
		line[strcspn(line, "\n")] = '\0';
		use(sp, line, data);
	}
	free(line);
	fclose(file);
}

static void take_setting(spank_t sp, char *line, void *data)
{
	char *value = strchr(line, '=');

	(void)data;
	if (!value || *line == '#')
		return;
	*value++ = '\0';
	spank_setenv(sp, line, value, !args_keeps_env(line));
}

/* enroot's start script goes to the image's folder first. */
static void take_folder(spank_t sp, char *line, void *data)
{
	char *folder = data, *end;

	(void)sp;
	if (*folder || strncmp(line, "cd \"", 4) != 0 || !(end = strchr(line + 4, '"')))
		return;
	*end = '\0';
	snprintf(folder, PATH_MAX, "%s", line + 4);
}

/* The image's variables win over the job's but for those of --container-env; the host's language goes. */
static void set_task_environment(spank_t sp)
{
	static const char *const host_only[] = { "LANG", "LANGUAGE", "LC_ALL" };
	char node[256];

	for (size_t i = 0; i < sizeof(host_only) / sizeof(*host_only); i++) {
		if (!args_keeps_env(host_only[i]))
			spank_unsetenv(sp, host_only[i]);
	}
	each_line("/etc/environment", take_setting, sp, NULL);
	if (spank_getenv(sp, "SLURMD_NODENAME", node, sizeof(node)) == ESPANK_SUCCESS)
		spank_setenv(sp, "HOSTNAME", node, 1);
	if (args.remap_root == 1)
		spank_setenv(sp, "HOME", "/root", 1);
}

/* Everything that the container shows of the host: the user's mounts, the home, a batch script. */
static int gather_binds(spank_t sp, struct bind *binds, size_t *count)
{
	char **argv;
	int argc;

	for (size_t i = 0; i < args.mount_count; i++) {
		if (access(args.mounts[i].source, F_OK) < 0) {
			slurm_error("pyxis: --container-mounts: source path does not exist: %s", args.mounts[i].source);
			return -1;
		}
		binds[(*count)++] = args.mounts[i];
	}
	if (args.mount_home == 1)
		binds[(*count)++] = (struct bind){ context.job.home, context.job.home, false };
	if (context.job.step == (uint32_t)SLURM_BATCH_SCRIPT && spank_get_item(sp, S_JOB_ARGV, &argc, &argv) == 0 && argc > 0)
		binds[(*count)++] = (struct bind){ argv[0], argv[0], true };
	return 0;
}

int task_enter(spank_t sp)
{
	bool root = args.remap_root == 1;
	char folder[PATH_MAX] = "", why[PATH_MAX * 2];
	struct bind binds[args.mount_count + 2];
	struct container c = {
		.rootfs = context.rootfs,
		.home = root ? "/root" : context.job.home,
		.writable = args.writable == 1,
		.remap_root = root,
		.binds = binds,
	};

	if (gather_binds(sp, binds, &c.bind_count) < 0)
		return -1;
	set_task_environment(sp);
	each_line("/etc/rc", take_folder, sp, folder);
	slurm_info("pyxis: starting container: %s", context.name);
	if (container_enter(&c, why, sizeof(why)) < 0) {
		slurm_error("pyxis: %s", why);
		slurm_error("pyxis: failed to start container");
		return -1;
	}
	const char *workdir = args.workdir ? args.workdir : *folder ? folder : "/";
	if (chdir(workdir) < 0) {
		slurm_error("pyxis: couldn't chdir to %s%s: %m", args.workdir ? "" : "container cwd ", workdir);
		return -1;
	}
	return 0;
}
