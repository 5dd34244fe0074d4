/*
 * The enroot stand-in's way into a container:
 *   enter [--rw] [--root] [--mount SRC DST rw|ro]... ROOTFS COMMAND [ARG...]
 * The command -sh is the container's login shell.
 */
#define _GNU_SOURCE
#include "container.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	struct container c = { .home = getenv("HOME") };
	struct bind *binds = calloc((size_t)argc, sizeof(*binds));
	char why[4096];
	int i;

	for (i = 1; i < argc && strncmp(argv[i], "--", 2) == 0; i++) {
		if (strcmp(argv[i], "--rw") == 0) {
			c.writable = true;
		} else if (strcmp(argv[i], "--root") == 0) {
			c.remap_root = true;
		} else {
			binds[c.bind_count++] = (struct bind){ argv[i + 1], argv[i + 2], strcmp(argv[i + 3], "ro") == 0 };
			i += 3;
		}
	}
	c.rootfs = argv[i];
	c.binds = binds;
	if (container_enter(&c, why, sizeof(why)) < 0) {
		fprintf(stderr, "[ERROR] %s\n", why);
		return 1;
	}
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	const char *program = strcmp(argv[i + 1], "-sh") == 0 ? "/bin/sh" : argv[i + 1];
	execvp(program, &argv[i + 1]);
	fprintf(stderr, "enroot-switchroot: failed to execute: %s: %s\n", program, strerror(errno));
	return 1;
}
