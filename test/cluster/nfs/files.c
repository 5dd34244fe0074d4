/* The view's files: opening, reading, writing. */
#include "view.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

static int opened(const char *path, int fd, struct fuse_file_info *file)
{
	if (fd < 0)
		return done(fd);
	file->fh = (uint64_t)fd;
	/* Bytes are never remembered: what the kernel keeps of them would have to be dropped at each open. */
	file->direct_io = 1;
	ask_again(path);
	return done(0);
}

static int open_file(const char *path, struct fuse_file_info *file)
{
	return opened(path, openat(server(), name_of(path), (file->flags & ~O_NOFOLLOW) | O_CLOEXEC), file);
}

static int create_file(const char *path, mode_t mode, struct fuse_file_info *file)
{
	become_caller();
	return opened(path, openat(server(), name_of(path), file->flags | O_CREAT | O_CLOEXEC, mode), file);
}

/* Whether another client removed the file, or put another one in its place. */
static int is_stale(int fd)
{
	struct stat found;

	return fstat(fd, &found) == 0 && found.st_nlink == 0;
}

static int read_file(const char *path, char *into, size_t size, off_t from, struct fuse_file_info *file)
{
	int fd = (int)file->fh;

	(void)path;
	return is_stale(fd) ? -ESTALE : done((int)pread(fd, into, size, from));
}

static int write_file(const char *path, const char *bytes, size_t size, off_t at, struct fuse_file_info *file)
{
	int fd = (int)file->fh;

	(void)path;
	return is_stale(fd) ? -ESTALE : done((int)pwrite(fd, bytes, size, at));
}

static int set_size(const char *path, off_t size, struct fuse_file_info *file)
{
	int fd = file ? (int)file->fh : openat(server(), name_of(path), O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	int result = done(ftruncate(fd, size));
	if (!file)
		close(fd);
	return result;
}

static int sync_file(const char *path, int only_data, struct fuse_file_info *file)
{
	(void)path;
	return done(only_data ? fdatasync((int)file->fh) : fsync((int)file->fh));
}

static int close_file(const char *path, struct fuse_file_info *file)
{
	(void)path;
	close((int)file->fh);
	return 0;
}

void add_files(struct fuse_operations *operations)
{
	operations->open = open_file;
	operations->create = create_file;
	operations->read = read_file;
	operations->write = write_file;
	operations->truncate = set_size;
	operations->fsync = sync_file;
	operations->release = close_file;
}
