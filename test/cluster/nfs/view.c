/*
 * One client's view of a shared folder, with the habits of the Linux NFS client:
 *   nfs-view FOLDER SECONDS      mounts the view over FOLDER and goes to the background
 * SECONDS long attributes and names are answered from memory, missing names too. Opening a file asks the
 * server (close-to-open), listing a folder shows what is there now and ends the memory of names missing
 * in it, and a file that another client removed or replaced answers ESTALE to those who hold it open.
 * What this client removes while it is open is renamed until it is closed (libfuse's own .fuse_hidden).
 */
#include "view.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/fsuid.h>
#include <sys/stat.h>

static int shared;
static double remembered;

int server(void)
{
	return shared;
}

const char *name_of(const char *path)
{
	return path[1] ? path + 1 : ".";
}

void become_caller(void)
{
	const struct fuse_context *caller = fuse_get_context();

	/* Of this thread only; the group first, since the user may not change it. */
	setfsgid(caller->gid);
	setfsuid(caller->uid);
}

int done(int result)
{
	int error = errno;

	setfsuid(0);
	setfsgid(0);
	return result < 0 ? -error : result;
}

void ask_again(const char *path)
{
	fuse_invalidate_path(fuse_get_context()->fuse, path);
}

static void *begin(struct fuse_conn_info *conn, struct fuse_config *config)
{
	config->use_ino = 1;
	config->entry_timeout = config->attr_timeout = config->negative_timeout = remembered;
	/* Every listing brings the names' attributes, as READDIRPLUS does: a name known as missing is one no more. */
	conn->want &= ~FUSE_CAP_READDIRPLUS_AUTO;
	return NULL;
}

int main(int argc, char **argv)
{
	struct fuse_operations operations = { .init = begin };
	char *mount[] = { argv[0], argv[1], "-o", "allow_other,default_permissions,fsname=nfs-view", NULL };

	if (argc != 3 || (remembered = atof(argv[2])) <= 0) {
		fprintf(stderr, "usage: nfs-view FOLDER SECONDS\n");
		return 2;
	}
	/* Opened before the view lies over it. */
	shared = open(argv[1], O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (shared < 0) {
		perror(argv[1]);
		return 1;
	}
	umask(0);
	add_names(&operations);
	add_files(&operations);
	return fuse_main(4, mount, &operations, NULL);
}
