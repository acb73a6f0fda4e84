import { closeSync, constants, openSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { totalmem } from 'node:os'
import { withDescendants } from '@libpod/conmon'
import { LibpodError } from '../errors.ts'
import { hostIdOf, parseIdMap } from '../plan/id-ranges.ts'
import type { Rooms } from '../rooms.ts'
import type { ContainerRecord } from '../state/container.ts'
import { readInRoot } from './in-root.ts'
import { isRunning } from './liveness.ts'
import { psDescriptors } from './ps-arguments.ts'

/** What /proc says of one process. */
interface Proc {
  readonly pid: string
  readonly stat: readonly string[]
  readonly status: Readonly<Record<string, string>>
  readonly args: string
  readonly comm: string
}

interface Subject {
  readonly names: ReadonlyMap<string, string>
  readonly groups: ReadonlyMap<string, string>
  readonly uptime: number
  /** The host's pid of each pid of the container. */
  readonly nsPid: ReadonlyMap<string, string>
}

type Column = readonly [title: string, value: (proc: Proc, subject: Subject) => string]

const ticks = 100
const last = (text: string | undefined): string => text?.trim().split(/\s+/).at(-1) ?? ''
const field = (proc: Proc, index: number): number => Number(proc.stat[index] ?? 0)

/** An id as the host has it: to a plain user's engine all are those of the user's namespace. */
function outside(id: string | undefined, map: 'uid_map' | 'gid_map'): string {
  if (id === undefined) return ''
  return String(hostIdOf(Number(id), parseIdMap(readFileSync(`/proc/self/${map}`, 'latin1'))) ?? id)
}

/** ps(1)'s descriptors, as podman-top(1) has them. */
const columns: Readonly<Record<string, Column>> = {
  user: ['USER', (proc, { names }) => named(names, proc.status.Uid?.split('\t')[2])],
  ruser: ['RUSER', (proc, { names }) => named(names, proc.status.Uid?.split('\t')[1])],
  uid: ['UID', proc => proc.status.Uid?.split('\t')[2] ?? ''],
  group: ['GROUP', (proc, { groups }) => named(groups, proc.status.Gid?.split('\t')[2])],
  rgroup: ['RGROUP', (proc, { groups }) => named(groups, proc.status.Gid?.split('\t')[1])],
  pid: ['PID', proc => last(proc.status.NSpid)],
  hpid: ['HPID', proc => proc.pid],
  ppid: ['PPID', (proc, { nsPid }) => nsPid.get(proc.status.PPid ?? '') ?? '0'],
  pgid: ['PGID', proc => last(proc.status.NSpgid)],
  huser: ['HUSER', proc => outside(proc.status.Uid?.split('\t')[2], 'uid_map')],
  huid: ['HUID', proc => outside(proc.status.Uid?.split('\t')[2], 'uid_map')],
  hgroup: ['HGROUP', proc => outside(proc.status.Gid?.split('\t')[2], 'gid_map')],
  pcpu: ['%CPU', (proc, { uptime }) => percent(proc, uptime)],
  pmem: ['%MEM', proc => ((Number(last(proc.status.VmRSS?.replace(' kB', ''))) * 1024 * 100) / totalmem()).toFixed(1)],
  stime: ['STIME', (proc, { uptime }) => startedAt(uptime - field(proc, 19) / ticks)],
  etime: ['ELAPSED', (proc, { uptime }) => elapsed(uptime - field(proc, 19) / ticks)],
  time: ['TIME', proc => elapsed(cpuSeconds(proc))],
  tty: ['TTY', proc => tty(field(proc, 4))],
  nice: ['NI', proc => String(field(proc, 16))],
  vsz: ['VSZ', proc => String(Math.floor(field(proc, 20) / 1024))],
  rss: ['RSS', proc => last(proc.status.VmRSS?.replace(' kB', ''))],
  state: ['STATE', proc => proc.stat[0] ?? ''],
  comm: ['COMMAND', proc => proc.comm],
  args: ['COMMAND', proc => proc.args],
  label: ['LABEL', () => ''],
  seccomp: ['SECCOMP', proc => ['disabled', 'strict', 'filter'][Number(proc.status.Seccomp ?? 0)] ?? ''],
  capamb: ['AMBIENT CAPS', proc => capabilities(proc.status.CapAmb)],
  capeff: ['EFFECTIVE CAPS', proc => capabilities(proc.status.CapEff)],
  capprm: ['PERMITTED CAPS', proc => capabilities(proc.status.CapPrm)],
  capinh: ['INHERITED CAPS', proc => capabilities(proc.status.CapInh)],
  capbnd: ['BOUNDING CAPS', proc => capabilities(proc.status.CapBnd)],
}

const aliases: Readonly<Record<string, string>> = {
  '%C': 'pcpu',
  '%G': 'group',
  '%P': 'ppid',
  '%U': 'user',
  '%a': 'args',
  '%c': 'comm',
  '%g': 'rgroup',
  '%n': 'nice',
  '%p': 'pid',
  '%r': 'pgid',
  '%t': 'etime',
  '%u': 'ruser',
  '%x': 'time',
  '%y': 'tty',
  '%z': 'vsz',
  tt: 'tty',
  ni: 'nice',
  stat: 'state',
  cmd: 'args',
  command: 'args',
  ucmd: 'comm',
  ucomm: 'comm',
  euser: 'user',
  euid: 'uid',
  egroup: 'group',
  s: 'state',
  start: 'stime',
  start_time: 'stime',
  cputime: 'time',
  tname: 'tty',
  '%cpu': 'pcpu',
  '%mem': 'pmem',
  vsize: 'vsz',
  rssize: 'rss',
}
const usual = ['user', 'pid', 'ppid', 'pcpu', 'etime', 'tty', 'time', 'args']

/** The container's processes in columns, read from /proc; no program is run, and none of the container's. @throws LibpodError CONTAINER_STATE, SPEC_INVALID */
export function containerTop(
  rooms: Pick<Rooms, 'options' | 'state' | 'host'>,
  name: string,
  descriptors: readonly string[],
): readonly (readonly string[])[] {
  const record = rooms.state.containers.find(name)
  const pid = record.status.process?.pid
  if (!isRunning(rooms, record) || pid === undefined)
    throw new LibpodError('CONTAINER_STATE', `top can only be used on running containers`, { subject: record.name })
  const words = psDescriptors(descriptors) ?? descriptors.flatMap(text => text.split(/[\s,]+/)).filter(Boolean)
  const chosen = (words.length > 0 ? words : usual).map(columnOf)
  const processes = processesLike(pid)
  const subject: Subject = {
    ...accounts(record),
    uptime: Number(readFileSync('/proc/uptime', 'latin1').split(' ')[0]),
    nsPid: new Map(processes.map(proc => [proc.pid, last(proc.status.NSpid)])),
  }
  return [chosen.map(([title]) => title), ...processes.map(proc => chosen.map(([, value]) => value(proc, subject)))]
}

function columnOf(descriptor: string): Column {
  const name = aliases[descriptor] ?? descriptor
  const column = Object.hasOwn(columns, name) ? columns[name] : undefined
  if (!column)
    throw new LibpodError('SPEC_INVALID', `unknown descriptor: ${descriptor}`, {
      subject: descriptor,
      hint: `use some of ${Object.keys(columns).join(', ')}`,
    })
  return column
}

/** All processes in the pid namespace of this one, in the order of their numbers there; for one in the host's, itself and what descends from it. */
function processesLike(pid: number): readonly Proc[] {
  const namespace = readlinkSync(`/proc/${pid}/ns/pid`)
  const pids = readdirSync('/proc').filter(name => /^\d+$/.test(name))
  if (namespace === readlinkSync('/proc/self/ns/pid'))
    return withDescendants(pid).flatMap(one => readProcess(String(one)) ?? [])
  const processes = pids.filter(one => linkOf(one) === namespace).flatMap(one => readProcess(one) ?? [])
  const inside = ({ status }: Proc): number => Number(last(status.NSpid))
  return processes.sort((one, other) => inside(one) - inside(other))
}

function linkOf(pid: string): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/pid`)
  } catch {
    return undefined
  }
}

function readProcess(pid: string): Proc | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    const lines = readFileSync(`/proc/${pid}/status`, 'latin1').trim().split('\n')
    const comm = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'))
    const args = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replace(/\0$/, '').replaceAll('\0', ' ')
    return {
      pid,
      stat: stat.slice(stat.lastIndexOf(')') + 2).split(' '),
      status: Object.fromEntries(
        lines.map(line => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]),
      ),
      comm,
      args: args || `[${comm}]`,
    }
  } catch {
    return undefined
  }
}

function accounts({ status }: ContainerRecord): Pick<Subject, 'names' | 'groups'> {
  if (!status.mountPoint) return { names: new Map(), groups: new Map() }
  const root = openSync(status.mountPoint, constants.O_RDONLY | constants.O_DIRECTORY)
  try {
    return { names: idNames(readInRoot(root, '/etc/passwd')), groups: idNames(readInRoot(root, '/etc/group')) }
  } finally {
    closeSync(root)
  }
}

const idNames = (text = ''): ReadonlyMap<string, string> =>
  new Map(
    text.split('\n').flatMap(line => {
      const [name, , id] = line.split(':')
      return name && id ? [[id, name] as const] : []
    }),
  )

const named = (names: ReadonlyMap<string, string>, id = ''): string => names.get(id) ?? id

/** Whole ones, as Podman counts them. */
const cpuSeconds = (proc: Proc): number => Math.floor((field(proc, 11) + field(proc, 12)) / ticks)

function percent(proc: Proc, uptime: number): string {
  const lived = uptime - field(proc, 19) / ticks
  return (lived > 0 ? (cpuSeconds(proc) / lived) * 100 : 0).toFixed(3)
}

/** The time of the day, or the day when it was not today. */
function startedAt(age: number): string {
  const start = new Date(Date.now() - age * 1000)
  return start.toDateString() === new Date().toDateString()
    ? start.toTimeString().slice(0, 5)
    : start.toDateString().slice(4, 10).replace(' ', '')
}

/** As Go prints a duration: 1h2m3.5s. */
function elapsed(seconds: number): string {
  const hours = Math.floor(seconds / 3600)
  const minutes = Math.floor((seconds % 3600) / 60)
  const rest = `${Number((seconds % 60).toFixed(9))}s`
  return `${hours > 0 ? `${hours}h` : ''}${hours > 0 || minutes > 0 ? `${minutes}m` : ''}${rest}`
}

function tty(device: number): string {
  if (device === 0) return '?'
  const [major, minor] = [(device >> 8) & 0xfff, device & 0xff]
  return major >= 136 && major <= 143 ? `pts/${minor + (major - 136) * 256}` : `tty${minor}`
}

const capabilityOrder =
  'CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE'.split(
    ' ',
  )

function capabilities(mask = '0'): string {
  const bits = BigInt(`0x${mask.trim()}`)
  const names = capabilityOrder.filter((_, bit) => (bits >> BigInt(bit)) & 1n)
  if (names.length === capabilityOrder.length) return 'full'
  return names.length > 0 ? names.join(',') : 'none'
}
