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
#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <slurm/slurm.h>

#pragma GCC visibility push(default)
SPANK_PLUGIN(pyxis, 1)

int slurm_spank_init(spank_t sp, int ac, char **av);
int slurm_spank_init_post_opt(spank_t sp, int ac, char **av);
int slurm_spank_user_init(spank_t sp, int ac, char **av);
int slurm_spank_task_init(spank_t sp, int ac, char **av);
int slurm_spank_task_exit(spank_t sp, int ac, char **av);
int slurm_spank_exit(spank_t sp, int ac, char **av);
#pragma GCC visibility pop

static struct {
	bool enabled;
	bool temporary;
	bool reused;
	int refused; /* why user_init said no; told in task_init, where srun hears it */
	struct job job;
	char name[256];
	char rootfs[PATH_MAX];
	char lock[PATH_MAX];
} context;

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

static int choose_container(void)
{
	const struct job *job = &context.job;
	struct stat about;

	if (args.name) {
		snprintf(context.name, sizeof(context.name), "pyxis_%s", args.name);
	} else {
		snprintf(context.name, sizeof(context.name), "pyxis_%u.%u", job->id, job->step);
		context.temporary = true;
	}
	snprintf(context.rootfs, sizeof(context.rootfs), "%s/%s", job->data_path, context.name);
	snprintf(context.lock, sizeof(context.lock), "%s/%u.%u.lock", job->runtime_path, job->id, job->step);
	if (!args.name)
		return 0;
	/* Whatever stands under the name is used: another image's container, or half of one. */
	context.reused = stat(context.rootfs, &about) == 0;
	if (context.reused && strcmp(args.name_flag, "create") == 0) {
		slurm_error("pyxis: error: \"create\" flag was passed to --container-name but the container already exists");
		return -1;
	}
	if (strcmp(args.name_flag, "exec") == 0) {
		slurm_error("pyxis: error: \"exec\" flag was passed to --container-name but the container is not running");
		return -1;
	}
	if (!context.reused && !args.image) {
		slurm_error("pyxis: error: a container with name \"%s\" does not exist, and --container-image is not set",
			    context.name);
		return -1;
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
	context.refused = choose_container();
	return 0;
}

static int import_image(char *file, size_t size)
{
	char uri[PATH_MAX];
	bool given = strncmp(args.image, "docker://", strlen("docker://")) == 0;

	snprintf(uri, sizeof(uri), "%s%s", given ? "" : "docker://", args.image);
	snprintf(file, size, "%s/%u.%u.squashfs", context.job.runtime_path, context.job.id, context.job.step);
	if (context.job.tasks <= 1)
		slurm_spank_log("pyxis: importing docker image: %s", args.image);
	if (enroot_run(&context.job, (char *[]){ "enroot", "import", "--output", file, uri, NULL }) == 0) {
		slurm_spank_log("pyxis: imported docker image: %s", args.image);
		return 0;
	}
	slurm_error("pyxis: failed to import docker image: %s", args.image);
	enroot_print_log();
	return -1;
}

static int create_container(void)
{
	char imported[PATH_MAX] = "";
	struct timespec from, to;
	/* Only a path that begins with / or . is one. */
	bool file = *args.image == '/' || *args.image == '.';

	clock_gettime(CLOCK_MONOTONIC, &from);
	if (!file && import_image(imported, sizeof(imported)) < 0)
		return -1;
	slurm_info("pyxis: creating container filesystem: %s", context.name);
	char *image = file ? args.image : imported;
	int rc = enroot_run(&context.job, (char *[]){ "enroot", "create", "--name", context.name, image, NULL });
	if (rc < 0) {
		slurm_error("pyxis: failed to create container filesystem for image: %s", args.image);
		enroot_print_log();
	}
	if (*imported)
		unlink(imported);
	clock_gettime(CLOCK_MONOTONIC, &to);
	slurm_info("pyxis: completed container setup in %.0f ms",
		   (double)(to.tv_sec - from.tv_sec) * 1e3 + (double)(to.tv_nsec - from.tv_nsec) / 1e6);
	return rc;
}

/* The first of a node's tasks makes the container, the others wait for it. */
static int create_once(void)
{
	char state = 0;
	int fd = open(context.lock, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0 || flock(fd, LOCK_EX) < 0) {
		slurm_error("pyxis: failed to acquire container setup lock: %m");
		return -1;
	}
	if (pread(fd, &state, 1, 0) == 0) {
		state = context.reused || create_container() == 0 ? 'y' : 'n';
		if (pwrite(fd, &state, 1, 0) < 0)
			state = 'n';
	} else if (state != 'y') {
		slurm_error("pyxis: container was not started successfully by another task");
	}
	close(fd);
	return state == 'y' ? 0 : -1;
}

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

int slurm_spank_task_init(spank_t sp, int ac, char **av)
{
	char folder[PATH_MAX] = "", why[PATH_MAX * 2];

	(void)ac;
	(void)av;
	if (!context.enabled)
		return 0;
	if (context.refused)
		return context.refused;
	if (spank_get_item(sp, S_JOB_ENV, &context.job.env) || create_once() < 0)
		return -1;

	struct bind binds[args.mount_count + 2];
	struct container c = { .rootfs = context.rootfs, .home = args.remap_root == 1 ? "/root" : context.job.home,
			       .writable = args.writable == 1, .remap_root = args.remap_root == 1, .binds = binds };
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
