/* Which container the pyxis stand-in uses, and how it comes to be and to run. */
#define _GNU_SOURCE
#include "pyxis.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int exists(const char *name, bool *there)
{
	char *line = NULL;
	size_t size = 0;
	FILE *list;

	*there = false;
	if (enroot_run(&context.job, (char *[]){ "enroot", "list", NULL }) < 0) {
		slurm_error("pyxis: couldn't get list of existing container filesystems");
		enroot_print_log();
		return -1;
	}
	list = enroot_log();
	while (list && getline(&line, &size, list) > 0) {
		line[strcspn(line, "\n")] = '\0';
		if (strcmp(line, name) == 0)
			*there = true;
	}
	free(line);
	if (list)
		fclose(list);
	return 0;
}

int container_choose(void)
{
	if (!args.name) {
		snprintf(context.name, sizeof(context.name), "pyxis_%u.%u", context.job.id, context.job.step);
		context.temporary = true;
		return 0;
	}
	snprintf(context.name, sizeof(context.name), "pyxis_%s", args.name);
	/* Whatever stands under the name is used: another image's container, or half of one. */
	if (exists(context.name, &context.reused) < 0)
		return -1;
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

static int import_image(char *file, size_t size)
{
	const struct job *job = &context.job;
	char uri[PATH_MAX];
	bool given = strncmp(args.image, "docker://", strlen("docker://")) == 0;

	snprintf(uri, sizeof(uri), "%s%s", given ? "" : "docker://", args.image);
	snprintf(file, size, "%s/%u/%u.%u.squashfs", context.runtime_path, job->uid, job->id, job->step);
	if (job->tasks <= 1)
		slurm_spank_log("pyxis: importing docker image: %s", args.image);
	if (enroot_run(job, (char *[]){ "enroot", "import", "--output", file, uri, NULL }) == 0) {
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

static void print_path(FILE *file, const char *path)
{
	for (; *path; path++) {
		if (strchr(" \t\\", *path))
			fprintf(file, "\\\\%03o", *path);
		else
			putc(*path, file);
	}
	putc(' ', file);
}

/* A script for enroot: the mounts, the variables of --container-env, and no entrypoint of the image. */
static int write_script(char *path)
{
	struct stat about;

	for (size_t i = 0; i < args.mount_count; i++) {
		if (*args.mounts[i].source == '/' && stat(args.mounts[i].source, &about) < 0) {
			slurm_error("pyxis: --container-mounts: source path does not exist: %s", args.mounts[i].source);
			return -1;
		}
	}
	int fd = mkstemp(path);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "w");
	if (!file)
		return -1;
	fputs("mounts() {\n:\n", file);
	for (size_t i = 0; i < args.mount_count; i++) {
		fputs("echo \"", file);
		print_path(file, args.mounts[i].source);
		print_path(file, args.mounts[i].target);
		fprintf(file, "%s\"\n", args.mounts[i].flags);
	}
	fputs("}\nenviron() {\n:\n", file);
	for (size_t i = 0; i < args.env_count; i++)
		fprintf(file, "[ -z \"${%s-}\" ] || echo \"%s=${%s}\"\n", args.env[i], args.env[i], args.env[i]);
	fputs("}\n", file);
	if (args.entrypoint != 1)
		fputs("hooks() { echo 'exec \"$@\"' > \"${ENROOT_ROOTFS}/etc/rc.local\"; }\n", file);
	return fclose(file);
}

/* Its first process stops itself: by then the container stands, and a task may join it. */
static pid_t start_container(void)
{
	char script[] = "/tmp/.enroot_config_XXXXXX";
	int status = 0;
	pid_t pid = -1;

	slurm_info("pyxis: starting container: %s", context.name);
	if (write_script(script) < 0) {
		slurm_error("pyxis: couldn't create enroot start configuration script");
	} else {
		pid = enroot_start(&context.job, (char *[]){ "enroot", "start", "--conf", script, context.name, "sh",
							     "-c", "kill -STOP $$ ; exit 0", NULL });
		if (pid < 0 || waitpid(pid, &status, WUNTRACED) < 0) {
			slurm_error("pyxis: failed to start container");
			pid = -1;
		} else if (!WIFSTOPPED(status)) {
			if (WIFEXITED(status) && WEXITSTATUS(status) != 0)
				slurm_error("pyxis: container start failed with error code: %d", WEXITSTATUS(status));
			else
				slurm_error("pyxis: container exited too soon");
			pid = -1;
		}
	}
	unlink(script);
	if (pid < 0)
		enroot_print_log();
	return pid;
}

int container_start_once(void)
{
	struct shared *shared = context.shared;

	pthread_mutex_lock(&shared->mutex);
	if (shared->begun++ == 0)
		shared->pid = context.reused || create_container() == 0 ? start_container() : -1;
	else if (shared->pid < 0)
		slurm_error("pyxis: container was not started successfully by another task");
	pthread_mutex_unlock(&shared->mutex);
	return shared->pid < 0 ? -1 : 0;
}
