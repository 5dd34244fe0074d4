#pragma once
#define _GNU_SOURCE
#define FUSE_USE_VERSION 31
#include <fcntl.h>
#include <fuse.h>

/* The shared folder itself, below the view. */
int server(void);

/* A path of the view, relative to server(). */
const char *name_of(const char *path);

/* Until done(): what is made belongs to the caller, and may be made by the caller. */
void become_caller(void);

/* What a handler returns: the result, or the error of the call before. */
int done(int result);

/* Ends what the kernel remembers of a path's attributes. */
void ask_again(const char *path);

void add_names(struct fuse_operations *operations);
void add_files(struct fuse_operations *operations);
