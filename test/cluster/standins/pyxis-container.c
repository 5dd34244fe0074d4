/* Which container the pyxis stand-in uses, and how it comes to be. */
#define _GNU_SOURCE
#include "pyxis.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

int container_choose(void)
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
int container_create_once(void)
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
