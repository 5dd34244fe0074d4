#define _GNU_SOURCE
#include "container.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

static int fail(char *why, size_t size, const char *format, ...)
{
	const char *reason = strerror(errno);
	va_list args;

	va_start(args, format);
	int used = vsnprintf(why, size, format, args);
	va_end(args);
	if (used >= 0 && (size_t)used < size)
		snprintf(why + used, size - (size_t)used, ": %s", reason);
	return -1;
}

static int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	ssize_t done = write(fd, text, strlen(text));
	close(fd);
	return done < 0 ? -1 : 0;
}

/* Same uid and gid inside as outside, or 0 for both. */
static int map_ids(uid_t uid, gid_t gid, bool root)
{
	char line[64];

	if (write_file("/proc/self/setgroups", "deny") < 0 && errno != ENOENT)
		return -1;
	snprintf(line, sizeof(line), "%u %u 1\n", root ? 0 : uid, uid);
	if (write_file("/proc/self/uid_map", line) < 0)
		return -1;
	snprintf(line, sizeof(line), "%u %u 1\n", root ? 0 : gid, gid);
	return write_file("/proc/self/gid_map", line);
}

static int make_folders(char *path)
{
	for (char *end = path + 1;; end++) {
		if (*end != '/' && *end != '\0')
			continue;
		char kept = *end;
		*end = '\0';
		if (mkdir(path, 0755) < 0 && errno != EEXIST && access(path, F_OK) < 0)
			return -1;
		*end = kept;
		if (kept == '\0')
			return 0;
	}
}

/* A place to mount on, of the source's kind; target is changed for a moment. */
static int make_place(const char *source, char *target)
{
	struct stat about;

	if (stat(source, &about) < 0)
		return -1;
	if (S_ISDIR(about.st_mode))
		return make_folders(target);
	char *name = strrchr(target, '/');
	*name = '\0';
	int rc = make_folders(target);
	*name = '/';
	if (rc < 0)
		return -1;
	int fd = open(target, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	if (fd < 0)
		return access(target, F_OK);
	return close(fd);
}

/* A read-only bind must keep the flags that the mount below it is locked to. */
static int make_read_only(const char *path)
{
	struct statvfs about;

	if (statvfs(path, &about) < 0)
		return -1;
	unsigned long kept = about.f_flag & (MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOATIME | MS_NODIRATIME | MS_RELATIME);
	return mount(NULL, path, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | kept, NULL);
}

static int bind_into(const char *rootfs, const struct bind *b, char *why, size_t size)
{
	char target[PATH_MAX];

	snprintf(target, sizeof(target), "%s/%s", rootfs, b->target);
	if (make_place(b->source, target) < 0)
		return fail(why, size, "couldn't make %s for %s", b->target, b->source);
	if (mount(b->source, target, NULL, MS_BIND | MS_REC, NULL) < 0)
		return fail(why, size, "couldn't mount %s on %s", b->source, b->target);
	if (b->read_only && make_read_only(target) < 0)
		return fail(why, size, "couldn't make %s read-only", b->target);
	return 0;
}

static int fresh_tmpfs(const char *rootfs, const char *name, const char *mode, char *why, size_t size)
{
	char target[PATH_MAX];

	snprintf(target, sizeof(target), "%s%s", rootfs, name);
	if (make_folders(target) < 0 || mount("tmpfs", target, "tmpfs", MS_NOSUID | MS_NODEV, mode) < 0)
		return fail(why, size, "couldn't mount a tmpfs on %s", name);
	return 0;
}

static int furnish(const struct container *c, char *why, size_t size)
{
	static const struct bind host[] = {
		{ "/proc", "proc", false },
		{ "/sys", "sys", false },
		{ "/dev", "dev", false }, /* with the host's /dev/shm */
		{ "/etc/hosts", "etc/hosts", true },
		{ "/etc/resolv.conf", "etc/resolv.conf", true },
	};

	for (size_t i = 0; i < sizeof(host) / sizeof(*host); i++) {
		if (access(host[i].source, F_OK) == 0 && bind_into(c->rootfs, &host[i], why, size) < 0)
			return -1;
	}
	if (fresh_tmpfs(c->rootfs, "/tmp", "mode=1777", why, size) < 0 ||
	    fresh_tmpfs(c->rootfs, "/run", "mode=755", why, size) < 0)
		return -1;
	if (c->home && *c->home == '/') {
		char target[PATH_MAX];
		snprintf(target, sizeof(target), "%s%s", c->rootfs, c->home);
		if (make_folders(target) < 0)
			return fail(why, size, "couldn't make %s", c->home);
	}
	for (size_t i = 0; i < c->bind_count; i++) {
		if (bind_into(c->rootfs, &c->binds[i], why, size) < 0)
			return -1;
	}
	return 0;
}

int container_enter(const struct container *c, char *why, size_t size)
{
	uid_t uid = geteuid();
	gid_t gid = getegid();

	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0)
		return fail(why, size, "couldn't unshare the user and mount namespaces");
	/* slurmstepd's children have changed their user: until this, /proc/self is root's. */
	prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
	if (map_ids(uid, gid, c->remap_root) < 0)
		return fail(why, size, "couldn't map uid %u and gid %u", uid, gid);
	if (mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) < 0)
		return fail(why, size, "couldn't make the mounts our own");
	if (mount(c->rootfs, c->rootfs, NULL, MS_BIND | MS_REC, NULL) < 0)
		return fail(why, size, "couldn't mount %s", c->rootfs);
	if (furnish(c, why, size) < 0)
		return -1;
	if (!c->writable && make_read_only(c->rootfs) < 0)
		return fail(why, size, "couldn't make %s read-only", c->rootfs);
	if (chdir(c->rootfs) < 0 || syscall(SYS_pivot_root, ".", ".") < 0 || umount2(".", MNT_DETACH) < 0 ||
	    chdir("/") < 0)
		return fail(why, size, "couldn't make %s the root", c->rootfs);
	return 0;
}
