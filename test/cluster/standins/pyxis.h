/* A STAND-IN for NVIDIA's pyxis 0.24, written for these tests: see pyxis.c. */
#ifndef STANDIN_PYXIS_H
#define STANDIN_PYXIS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <slurm/spank.h>

#include "container.h"

/* What the command line says; -1 is unsaid. */
struct args {
	char *image;
	char *name;
	char *name_flag;
	char *workdir;
	char *save;
	struct bind *mounts;
	size_t mount_count;
	char **env;
	size_t env_count;
	int mount_home;
	int remap_root;
	int writable;
	int entrypoint;
};

extern struct args args;

int args_register(spank_t sp);
bool args_enabled(bool complain);
bool args_keeps_env(const char *name);

/* What the job says. */
struct job {
	uid_t uid;
	gid_t gid;
	uint32_t id;
	uint32_t step;
	uint32_t tasks;
	char **env;
	char home[4096];
	char data_path[4096];
	char runtime_path[4096];
};

struct context {
	bool enabled;
	bool temporary;
	bool reused;
	int refused; /* why user_init said no; told in task_init, where srun hears it */
	struct job job;
	char name[256];
	char rootfs[4096];
	char lock[4096];
};

extern struct context context;

/* Sets the container's name and place; -1 where the options and what is there do not fit. */
int container_choose(void);

/* The first of a node's tasks makes the container, the others wait for it. */
int container_create_once(void);

/* Makes the calling task one inside the container. */
int task_enter(spank_t sp);

const char *job_getenv(const struct job *job, const char *name);

/* Runs enroot as the job's user and waits; 0 when it exits with 0. Its words wait for enroot_print_log. */
int enroot_run(const struct job *job, char *const argv[]);
void enroot_print_log(void);

#endif
