/* The options that the pyxis stand-in adds to srun and sbatch. */
#define _GNU_SOURCE
#include "pyxis.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct args args = { .mount_home = -1, .remap_root = -1, .writable = -1, .entrypoint = -1 };

enum { IMAGE, MOUNTS, WORKDIR, NAME, HOME, REMAP, ENTRYPOINT, WRITABLE, READONLY, ENV };

static int take_text(char **where, const char *option, const char *value)
{
	if (!value || !*value) {
		slurm_error("pyxis: --%s: argument required", option);
		return -1;
	}
	/* On the node Slurm hands every option over twice. */
	if (*where) {
		if (strcmp(*where, value) == 0)
			return 0;
		slurm_error("pyxis: --%s specified multiple times", option);
		return -1;
	}
	*where = strdup(value);
	return *where ? 0 : -1;
}

static int take_switch(int *where, int value, const char *one, const char *other)
{
	if (*where >= 0 && *where != value) {
		slurm_error("pyxis: both --%s and --%s were specified", one, other);
		return -1;
	}
	*where = value;
	return 0;
}

static int take_name(const char *value)
{
	char *text = NULL;

	if (args.name && (!value || strcmp(args.name, value) != 0)) {
		slurm_error("pyxis: --container-name specified multiple times");
		return -1;
	}
	if (take_text(&text, "container-name", value) < 0)
		return -1;
	char *flag = strchr(text, ':');
	if (flag)
		*flag++ = '\0';
	if (!*text) {
		slurm_error("pyxis: --container-name: empty name");
		return -1;
	}
	if (!flag || !*flag)
		flag = "auto";
	if (strcmp(flag, "auto") != 0 && strcmp(flag, "create") != 0 && strcmp(flag, "exec") != 0 &&
	    strcmp(flag, "no_exec") != 0) {
		slurm_error("pyxis: --container-name: flag must be \"auto\", \"create\", \"exec\" or \"no_exec\"");
		return -1;
	}
	args.name = text;
	args.name_flag = flag;
	return 0;
}

int args_add_mount(const char *source, const char *target, const char *flags)
{
	struct mount new = { .source = strdup(source), .target = strdup(target) };

	if (strspn(source, "./") == 0) {
		slurm_error("pyxis: mount source must be a relative path, an absolute path, \"tmpfs\" or \"umount\"");
		return -1;
	}
	if (strspn(target, "./") == 0) {
		slurm_error("pyxis: mount target must be a relative path or an absolute path");
		return -1;
	}
	if (asprintf(&new.flags, "x-create=auto,rbind%s%s", flags ? "," : "", flags ? flags : "") < 0)
		return -1;
	for (size_t i = 0; i < args.mount_count; i++) {
		const struct mount *one = &args.mounts[i];
		if (strcmp(one->source, source) == 0 && strcmp(one->target, target) == 0 &&
		    strcmp(one->flags, new.flags) == 0)
			return 0;
	}
	args.mounts = reallocarray(args.mounts, args.mount_count + 1, sizeof(*args.mounts));
	if (!args.mounts)
		return -1;
	args.mounts[args.mount_count++] = new;
	return 0;
}

static int take_mount(char *text)
{
	char whole[4096];

	snprintf(whole, sizeof(whole), "%s", text);
	char *source = strsep(&text, ":"), *target = strsep(&text, ":");
	if (!*source || (target && !*target)) {
		slurm_error("pyxis: --container-mounts: invalid format: %s", whole);
		return -1;
	}
	for (char *at = text; at && *at; at++) {
		if (*at == '+')
			*at = ',';
	}
	if (args_add_mount(source, target ? target : source, text && *text ? text : NULL) < 0) {
		slurm_error("pyxis: could not add mount entry: %s:%s", source, target ? target : source);
		return -1;
	}
	return 0;
}

static int take_mounts(const char *value)
{
	char *rest = NULL, *one;

	if (take_text(&rest, "container-mounts", value) < 0)
		return -1;
	while ((one = strsep(&rest, ",")) != NULL) {
		if (take_mount(one) < 0)
			return -1;
	}
	return 0;
}

static int take_env(const char *value)
{
	char *rest = NULL, *one;

	if (take_text(&rest, "container-env", value) < 0)
		return -1;
	while ((one = strsep(&rest, ",")) != NULL) {
		args.env = reallocarray(args.env, args.env_count + 1, sizeof(*args.env));
		if (!args.env || !*one) {
			slurm_error("pyxis: --container-env: invalid format: %s", value);
			return -1;
		}
		args.env[args.env_count++] = one;
	}
	return 0;
}

/* val is twice the option's number, plus one for its --no- form. */
static int take(int val, const char *value, int remote)
{
	int on = !(val & 1);

	(void)remote;
	switch (val / 2) {
	case IMAGE:
		return take_text(&args.image, "container-image", value);
	case MOUNTS:
		return take_mounts(value);
	case WORKDIR:
		return take_text(&args.workdir, "container-workdir", value);
	case NAME:
		return take_name(value);
	case HOME:
		return take_switch(&args.mount_home, on, "container-mount-home", "no-container-mount-home");
	case REMAP:
		return take_switch(&args.remap_root, on, "container-remap-root", "no-container-remap-root");
	case ENTRYPOINT:
		return take_switch(&args.entrypoint, on, "container-entrypoint", "no-container-entrypoint");
	case WRITABLE:
		return take_switch(&args.writable, 1, "container-writable", "container-readonly");
	case READONLY:
		return take_switch(&args.writable, 0, "container-writable", "container-readonly");
	default:
		return take_env(value);
	}
}

static struct spank_option options[] = {
	{ "container-image", "IMAGE|PATH", "[pyxis] what to run in: a docker image, or a squashfs file's path with a /", 1, 2 * IMAGE, take },
	{ "container-mounts", "SRC:DST[:FLAGS][,...]", "[pyxis] host folders and files to show inside; FLAGS are joined by +", 1, 2 * MOUNTS, take },
	{ "container-workdir", "PATH", "[pyxis] where to start inside, instead of the image's own folder", 1, 2 * WORKDIR, take },
	{ "container-name", "NAME", "[pyxis] keep the unpacked container under this name, and use it if it is there", 1, 2 * NAME, take },
	{ "container-mount-home", NULL, "[pyxis] show the home folder inside", 0, 2 * HOME, take },
	{ "no-container-mount-home", NULL, "[pyxis] keep the home folder out", 0, 2 * HOME + 1, take },
	{ "container-remap-root", NULL, "[pyxis] look like root inside", 0, 2 * REMAP, take },
	{ "no-container-remap-root", NULL, "[pyxis] stay oneself inside", 0, 2 * REMAP + 1, take },
	{ "container-entrypoint", NULL, "[pyxis] run the image's entrypoint", 0, 2 * ENTRYPOINT, take },
	{ "no-container-entrypoint", NULL, "[pyxis] do not run the image's entrypoint", 0, 2 * ENTRYPOINT + 1, take },
	{ "container-writable", NULL, "[pyxis] allow writing to the container's files", 0, 2 * WRITABLE, take },
	{ "container-readonly", NULL, "[pyxis] forbid writing to the container's files", 0, 2 * READONLY, take },
	{ "container-env", "NAME[,NAME...]", "[pyxis] variables whose value outside wins over the image's", 1, 2 * ENV, take },
};

int args_register(spank_t sp)
{
	for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++) {
		if (spank_option_register(sp, &options[i]) != ESPANK_SUCCESS) {
			slurm_error("pyxis: couldn't register option %s", options[i].name);
			return -1;
		}
	}
	return 0;
}

bool args_enabled(void)
{
	if (args.image || args.name)
		return true;
	static const char *const without = "because neither --container-image nor --container-name is set";
	if (args.mounts)
		slurm_error("pyxis: ignoring --container-mounts %s", without);
	if (args.workdir)
		slurm_error("pyxis: ignoring --container-workdir %s", without);
	if (args.mount_home != -1)
		slurm_error("pyxis: ignoring --[no-]container-mount-home %s", without);
	return false;
}

bool args_keeps_env(const char *name)
{
	for (size_t i = 0; i < args.env_count; i++) {
		if (strcmp(args.env[i], name) == 0)
			return true;
	}
	return false;
}
