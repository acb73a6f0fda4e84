import { type BigIntStats, lstatSync, readdirSync } from 'node:fs'
import { close, lgetxattr, O_DIRECTORY, O_NOFOLLOW, O_PATH, tryOpenat } from '@libpod/syscall'
import { nameIn } from '../rooted/name-in.ts'
import { type ByteString, fromBytes } from '../tar/bytes.ts'
import type { ChangeKind } from './layers.ts'

/** A path that differs, before it is shown to anyone. */
export interface RawChange {
  readonly kind: ChangeKind
  readonly path: ByteString
}

/** What `after` has that `before` has not, or otherwise. A directory with a change in it counts as modified. */
export function* compareTrees(before: string | undefined, after: string): Generator<void, RawChange[]> {
  return yield* compare(before === undefined ? undefined : Buffer.from(before), Buffer.from(after), '')
}

function* compare(before: Buffer | undefined, after: Buffer, path: ByteString): Generator<void, RawChange[]> {
  const [old, now] = [open(before), open(after)]
  try {
    const oldNames = new Set(old === undefined ? [] : names(old))
    const changes: RawChange[] = []
    for (const name of names(now ?? -1)) {
      const known = oldNames.delete(name) ? nameIn(old ?? -1, name) : undefined
      for (const each of yield* compareFile(known, nameIn(now ?? -1, name), join(path, name))) changes.push(each)
    }
    yield
    return [...changes, ...[...oldNames].sort().map(name => ({ kind: 'deleted' as const, path: join(path, name) }))]
  } finally {
    for (const fd of [old, now]) if (fd !== undefined && fd >= 0) close(fd)
  }
}

function* compareFile(before: Buffer | undefined, after: Buffer, path: ByteString): Generator<void, RawChange[]> {
  const now = lstatSync(after, { bigint: true, throwIfNoEntry: false })
  const old = before && lstatSync(before, { bigint: true, throwIfNoEntry: false })
  if (now === undefined) return old ? [{ kind: 'deleted', path }] : []
  const inside = now.isDirectory() ? yield* compare(old?.isDirectory() ? before : undefined, after, path) : []
  if (old === undefined || before === undefined) return [{ kind: 'added', path }, ...inside]
  const differs = inside.length > 0 || isDifferent(old, now) || attributes(before) !== attributes(after)
  return differs ? [{ kind: 'modified', path }, ...inside] : []
}

/** Content is taken for the same when size and time are. */
function isDifferent(old: BigIntStats, now: BigIntStats): boolean {
  if (old.mode !== now.mode || old.uid !== now.uid || old.gid !== now.gid || old.rdev !== now.rdev) return true
  return !now.isDirectory() && (old.size !== now.size || !sameTime(old.mtimeNs, now.mtimeNs))
}

const second = 1_000_000_000n

/** A time that went through an archive may have lost what is below a second. */
const sameTime = (a: bigint, b: bigint): boolean =>
  a === b || ((a % second === 0n || b % second === 0n) && a / second === b / second)

const attributes = (path: Buffer): string | undefined => lgetxattr(path, 'security.capability')?.toString('hex')

const join = (path: ByteString, name: ByteString): ByteString => (path === '' ? name : `${path}/${name}`)

const names = (fd: number): ByteString[] =>
  fd < 0 ? [] : readdirSync(`/proc/self/fd/${fd}`, { encoding: 'buffer' }).map(fromBytes).sort()

const open = (path: Buffer | undefined): number | undefined =>
  path && tryOpenat(-100, path, O_PATH | O_DIRECTORY | O_NOFOLLOW)
