/*
 * The enroot stand-in's way into a container:
 *   enter [--rw] [--root] [--discard] [--mount SRC:DST[:ro]]... ROOTFS COMMAND [ARG...]
 * --discard deletes ROOTFS and its folder after the command.
 */
#define _GNU_SOURCE
#include "container.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static int parse_mount(char *text, struct bind *b)
{
	char *target = strchr(text, ':');

	if (!target)
		target = text;
	else
		*target++ = '\0';
	char *flags = target == text ? NULL : strchr(target, ':');
	if (flags)
		*flags++ = '\0';
	*b = (struct bind){ text, target, flags && strstr(flags, "ro") == flags };
	if (access(text, F_OK) == 0)
		return 0;
	fprintf(stderr, "enroot-mount: failed to mount: %s at %s: %s\n", text, target, strerror(errno));
	return -1;
}

static int run_and_discard(const char *rootfs, pid_t child)
{
	int status;

	signal(SIGINT, SIG_IGN);
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		continue;
	char *folder = strdup(rootfs);
	*strrchr(folder, '/') = '\0';
	pid_t rm = fork();
	if (rm == 0) {
		execlp("rm", "rm", "-rf", folder, (char *)NULL);
		_exit(127);
	}
	waitpid(rm, NULL, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int main(int argc, char **argv)
{
	struct container c = { .home = getenv("HOME") };
	struct bind *binds = calloc((size_t)argc, sizeof(*binds));
	bool discard = false;
	char why[4096];
	int i;

	for (i = 1; i < argc && strncmp(argv[i], "--", 2) == 0; i++) {
		if (strcmp(argv[i], "--rw") == 0)
			c.writable = true;
		else if (strcmp(argv[i], "--root") == 0)
			c.remap_root = true;
		else if (strcmp(argv[i], "--discard") == 0)
			discard = true;
		else if (parse_mount(argv[++i], &binds[c.bind_count++]) < 0)
			return 1;
	}
	c.rootfs = argv[i];
	c.binds = binds;
	if (discard) {
		pid_t child = fork();
		if (child > 0)
			return run_and_discard(c.rootfs, child);
	}
	if (container_enter(&c, why, sizeof(why)) < 0) {
		fprintf(stderr, "[ERROR] %s\n", why);
		return 1;
	}
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	execvp(argv[i + 1], &argv[i + 1]);
	fprintf(stderr, "enroot-switchroot: failed to execute: %s: %s\n", argv[i + 1], strerror(errno));
	return 1;
}
