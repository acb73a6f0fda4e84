import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs'

/**
 * The sockets of a process, by their paths, on which a conmon waits for the terminal of its container. They are among the temporary
 * files of all, and only conmon itself removes its own: from its descriptors it is known which one that is (proc_pid_net(5)). A process
 * that runs anything else than this `conmon` has none: it may be of the container, and call its own sockets what it likes.
 */
export function consoleSocketsOf(pid: number, conmon: string): readonly string[] {
  if (!runs(pid, conmon)) return []
  const inodes = socketsOf(pid)
  if (inodes.size === 0) return []
  const lines = readLines(`/proc/${pid}/net/unix`)
  return lines.flatMap(line => {
    const [, inode = '', path = ''] = /^(?:\S+ +){6}(\d+) (\/.*)$/.exec(line) ?? []
    return inodes.has(inode) && /\/conmon-term\.\w{6}$/.test(path) ? [path] : []
  })
}

function runs(pid: number, program: string): boolean {
  try {
    const [its, wanted] = [`/proc/${pid}/exe`, program].map(path => statSync(path, { bigint: true }))
    return its?.dev === wanted?.dev && its?.ino === wanted?.ino
  } catch {
    return false
  }
}

function socketsOf(pid: number): ReadonlySet<string> {
  const directory = `/proc/${pid}/fd`
  try {
    const targets = readdirSync(directory).map(fd => targetOf(`${directory}/${fd}`))
    return new Set(targets.flatMap(target => /^socket:\[(\d+)\]$/.exec(target)?.[1] ?? []))
  } catch {
    return new Set()
  }
}

function targetOf(link: string): string {
  try {
    return readlinkSync(link)
  } catch {
    return ''
  }
}

function readLines(path: string): readonly string[] {
  try {
    return readFileSync(path, 'utf8').split('\n')
  } catch {
    return []
  }
}
