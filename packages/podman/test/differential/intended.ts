/** A difference from Podman 4.3.1 that is meant: in which command lines, at which place of the spec, and why. */
interface Intended {
  readonly when: RegExp
  readonly what: RegExp
  readonly why: string
  seen?: boolean
}

export const intended: Intended[] = [
  {
    when: /--init/,
    what: /^\/mounts\/\/run\/podman-init\/options/,
    why: '4.3.1 mounts the init rprivate; newer releases private, which for one file is the same',
  },
  {
    when: /--read-only/,
    what: /^\/mounts\/\/run\/\.containerenv/,
    why: '4.3.1 leaves /run/.containerenv out where /run is a tmpfs; newer releases do not',
  },
  {
    when: /named-3:\/data:nocopy/,
    what: /^\/mounts\/\/data\/options/,
    why: '4.3.1 hands its own word nocopy to the runtime; newer releases do not',
  },
  {
    when: /:bind|bind-nonrecursive/,
    what: /^\/mounts\/\/x\/options.*private/,
    why: '4.3.1 makes a bind that is not recursive rprivate; newer releases private',
  },
  {
    when: /--privileged odd-init:1 \(no command\)/,
    what: /^\/linux\/devices/,
    why: '4.3.1 leaves all of /dev/tty* out for systemd, newer releases only the virtual terminals',
  },
  {
    when: /\(no command\)$/,
    what: /^accepted \| Error: no command or entrypoint provided/,
    why: '4.3.1 refuses a container without a command at its creation; newer releases leave that to the runtime',
  },
]
