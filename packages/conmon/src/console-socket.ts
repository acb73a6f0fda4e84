import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/**
 * The sockets of a process, by their paths, on which a conmon waits for the terminal of its container. They are among the temporary
 * files of all, and only conmon itself removes its own: from its descriptors it is known which one that is (proc_pid_net(5)).
 */
export function consoleSocketsOf(pid: number): readonly string[] {
  const inodes = socketsOf(pid)
  if (inodes.size === 0) return []
  const lines = readLines(`/proc/${pid}/net/unix`)
  return lines.flatMap(line => {
    const [, inode = '', path = ''] = /^(?:\S+ +){6}(\d+) (\/.*)$/.exec(line) ?? []
    return inodes.has(inode) && /\/conmon-term\.\w{6}$/.test(path) ? [path] : []
  })
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
