interface Switch {
  path: string;
  /** The value that forbids user namespaces. */
  forbids: string;
  /** What an administrator can do. */
  helps: string;
}

/** Debian's own, the kernel's (0 on hardened RHEL), and Ubuntu's since 23.10. */
const SWITCHES: readonly Switch[] = [
  {
    path: '/proc/sys/kernel/unprivileged_userns_clone',
    forbids: '0',
    helps: 'sysctl kernel.unprivileged_userns_clone=1',
  },
  {
    path: '/proc/sys/user/max_user_namespaces',
    forbids: '0',
    helps: 'sysctl user.max_user_namespaces=15000',
  },
  {
    path: '/proc/sys/kernel/apparmor_restrict_unprivileged_userns',
    forbids: '1',
    helps: 'bubblewrap with an AppArmor profile, or sysctl kernel.apparmor_restrict_unprivileged_userns=0',
  },
];

/** What forbids user namespaces by the kernel's switches, and what helps. `read`: a file's text; undefined if there is none. */
export function namespacesHint(read: (path: string) => string | undefined): string {
  const set = SWITCHES.find(({ path, forbids }) => read(path)?.trim() === forbids);
  const first =
    set === undefined
      ? 'install bubblewrap or util-linux, and allow user namespaces (a container may forbid them: its seccomp profile)'
      : `the kernel forbids user namespaces (${set.path} is ${set.forbids}): an admin can allow them (${set.helps})`;
  return `${first}; without them: a fleet by --runtime pyxis, or --isolation none, which runs programs with all that this user may do`;
}
