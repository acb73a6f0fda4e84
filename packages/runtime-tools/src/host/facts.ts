import { existsSync, readFileSync } from 'node:fs'
import { arch, release } from 'node:os'
import { capabilitiesOfMask } from '../capabilities/names.ts'
import type { SpecHost } from '../generate/plan.ts'
import { parseProcLimits } from '../rlimits/parse.ts'

/** Reads what {@link generateSpec} must know of this machine and this process: four small files of /proc and /sys. */
export async function readSpecHost(): Promise<SpecHost> {
  const [status = '', limits = '', uidMap = ''] = ['status', 'limits', 'uid_map'].map(name =>
    readFileSync(`/proc/self/${name}`, 'latin1'),
  )
  const unified = existsSync('/sys/fs/cgroup/cgroup.controllers')
  return {
    cgroup: unified ? 'v2' : 'v1',
    architecture: goArchitecture(arch()),
    kernel: release(),
    capabilities: capabilitiesOfMask(/^CapBnd:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0'),
    rlimits: parseProcLimits(limits),
    rootless: process.getuid?.() === 0 && ownsAllIds(uidMap) ? 'no' : 'yes',
    ...(ownsAllIds(uidMap) || mapsTty(readFileSync('/proc/self/gid_map', 'latin1')) ? {} : { ttyGroup: 'unmapped' }),
  }
}

// The initial user namespace maps every id to itself (user_namespaces(7)).
const ownsAllIds = (uidMap: string) => /^\s*0\s+0\s+4294967295\s*$/.test(uidMap)

const tty = 5

function mapsTty(gidMap: string): boolean {
  const rows = gidMap.trim().split('\n')
  return rows.some(row => {
    const [first = 0, , size = 0] = row.trim().split(/\s+/).map(Number)
    return first <= tty && tty < first + size
  })
}

const goNames: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386', ppc64: 'ppc64le', mipsel: 'mipsle' }

/** Node's name of an architecture in Go's spelling, which images and seccomp profiles use. */
export const goArchitecture = (node: string): string => goNames[node] ?? node
