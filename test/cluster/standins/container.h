/* Entering an unpacked image as the user one already is: shared by the stand-ins of enroot and of pyxis. */
#ifndef STANDIN_CONTAINER_H
#define STANDIN_CONTAINER_H

#include <stdbool.h>
#include <stddef.h>

struct bind {
	const char *source;
	const char *target;
	bool read_only;
};

struct container {
	const char *rootfs;
	const char *home; /* a path that exists inside, empty unless it is bound too */
	bool writable;
	bool remap_root;
	const struct bind *binds;
	size_t bind_count;
};

/*
 * Puts the calling process (which must have one thread) into namespaces of its own with rootfs as /,
 * and leaves it there in /. Returns 0, or -1 with a sentence in why. No way back on failure.
 */
int container_enter(const struct container *c, char *why, size_t size);

#endif
