/* A STAND-IN for NVIDIA's pyxis 0.24, written for these tests: see pyxis.c. */
#ifndef STANDIN_PYXIS_H
#define STANDIN_PYXIS_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include <slurm/spank.h>

struct mount {
	char *source;
	char *target;
	char *flags;
};

/* What the command line says; -1 is unsaid. */
struct args {
	char *image;
	char *name;
	char *name_flag;
	char *workdir;
	struct mount *mounts;
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
bool args_enabled(void);
bool args_keeps_env(const char *name);
int args_add_mount(const char *source, const char *target, const char *flags);

/* What the job says. */
struct job {
	uid_t uid;
	gid_t gid;
	uint32_t id;
	uint32_t step;
	uint32_t tasks;
	uint32_t local_tasks;
	char **env;
};

/* Between the tasks of one step on one node. */
struct shared {
	pthread_mutex_t mutex;
	uint32_t begun;
	uint32_t entered;
	pid_t pid; /* the container's first process, which stands still until all tasks are in; -1 for none */
};

struct context {
	bool enabled;
	bool temporary;
	bool reused;
	int refused; /* why user_init said no; told in task_init, where srun hears it */
	struct job job;
	struct shared *shared;
	char name[256];
	char runtime_path[2048];
};

extern struct context context;

/* Sets the container's name; -1 where the options and what is there do not fit. */
int container_choose(void);

/* The first of a node's tasks makes and starts the container, the others wait for it. */
int container_start_once(void);

/* Makes the calling task one inside the container. */
int task_enter(spank_t sp);

/* Start enroot as the job's user; run waits, and is 0 when it exits with 0. Its words wait for enroot_print_log. */
pid_t enroot_start(const struct job *job, char *const argv[]);
int enroot_run(const struct job *job, char *const argv[]);
FILE *enroot_log(void);
void enroot_print_log(void);

#endif
