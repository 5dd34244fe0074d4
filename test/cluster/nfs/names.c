/* The view's names: attributes, folders, links, renames. */
#include "view.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* The entry that is being listed: it may go before libfuse asks for it, and that must not end the listing. */
static _Thread_local const struct stat *listed;

static int get_attributes(const char *path, struct stat *found, struct fuse_file_info *open_file)
{
	if (!open_file && fstatat(server(), name_of(path), found, AT_SYMLINK_NOFOLLOW) < 0) {
		if (!listed)
			return -errno;
		*found = *listed;
	}
	if (!open_file)
		return 0;
	if (fstat((int)open_file->fh, found) < 0)
		return -errno;
	return found->st_nlink == 0 ? -ESTALE : 0;
}

static int read_link(const char *path, char *target, size_t size)
{
	ssize_t length = readlinkat(server(), name_of(path), target, size - 1);

	if (length < 0)
		return -errno;
	target[length] = '\0';
	return 0;
}

static int open_folder(const char *path, struct fuse_file_info *file)
{
	int fd = openat(server(), name_of(path), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	file->fh = (uint64_t)(uintptr_t)fdopendir(fd);
	ask_again(path);
	return 0;
}

static DIR *folder_of(struct fuse_file_info *file)
{
	return (DIR *)(uintptr_t)file->fh;
}

static int list(const char *path, void *into, fuse_fill_dir_t fill, off_t from, struct fuse_file_info *file,
		enum fuse_readdir_flags flags)
{
	DIR *folder = folder_of(file);
	struct dirent *entry;
	struct stat found;
	int full = 0;

	(void)path;
	seekdir(folder, from);
	while (!full && (entry = readdir(folder))) {
		if (fstatat(dirfd(folder), entry->d_name, &found, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		listed = &found;
		full = fill(into, entry->d_name, &found, telldir(folder),
			    flags & FUSE_READDIR_PLUS ? FUSE_FILL_DIR_PLUS : 0);
		listed = NULL;
	}
	return 0;
}

static int close_folder(const char *path, struct fuse_file_info *file)
{
	(void)path;
	closedir(folder_of(file));
	return 0;
}

static int make_folder(const char *path, mode_t mode)
{
	become_caller();
	return done(mkdirat(server(), name_of(path), mode));
}

static int make_symlink(const char *target, const char *path)
{
	become_caller();
	return done(symlinkat(target, server(), name_of(path)));
}

static int make_link(const char *from, const char *to)
{
	become_caller();
	return done(linkat(server(), name_of(from), server(), name_of(to), 0));
}

static int remove_name(const char *path)
{
	return done(unlinkat(server(), name_of(path), 0));
}

static int remove_folder(const char *path)
{
	return done(unlinkat(server(), name_of(path), AT_REMOVEDIR));
}

/* NFS knows no flags either: whoever asks for them gets EINVAL and falls back to a plain rename. */
static int move(const char *from, const char *to, unsigned int flags)
{
	return flags ? -EINVAL : done(renameat(server(), name_of(from), server(), name_of(to)));
}

static int set_mode(const char *path, mode_t mode, struct fuse_file_info *file)
{
	return done(file ? fchmod((int)file->fh, mode) : fchmodat(server(), name_of(path), mode, 0));
}

static int set_owner(const char *path, uid_t uid, gid_t gid, struct fuse_file_info *file)
{
	(void)file;
	return done(fchownat(server(), name_of(path), uid, gid, AT_SYMLINK_NOFOLLOW));
}

static int set_times(const char *path, const struct timespec times[2], struct fuse_file_info *file)
{
	(void)file;
	return done(utimensat(server(), name_of(path), times, AT_SYMLINK_NOFOLLOW));
}

static int tell_space(const char *path, struct statvfs *space)
{
	(void)path;
	return done(fstatvfs(server(), space));
}

void add_names(struct fuse_operations *operations)
{
	operations->getattr = get_attributes;
	operations->readlink = read_link;
	operations->opendir = open_folder;
	operations->readdir = list;
	operations->releasedir = close_folder;
	operations->mkdir = make_folder;
	operations->symlink = make_symlink;
	operations->link = make_link;
	operations->unlink = remove_name;
	operations->rmdir = remove_folder;
	operations->rename = move;
	operations->chmod = set_mode;
	operations->chown = set_owner;
	operations->utimens = set_times;
	operations->statfs = tell_space;
}
