import { closeSync, fstatSync, openSync } from 'node:fs'
import { close, namespaceMaker, owningNamespace, parentNamespace } from '@libpod/syscall'

/** The user and the mount namespace of a rootless user, as descriptors. */
export interface Namespaces extends Disposable {
  readonly user: number
  readonly mount: number
}

/**
 * The namespaces of a process, when they are a user's own: made by that user out of the namespace that this process is in, the
 * mounts belonging to the ids. Undefined for every other process, and for none. What is opened is what was looked at: whoever
 * gets the pid next is not joined.
 */
export function openNamespaces(pid: number, uid: number): Namespaces | undefined {
  using opened = new DisposableStack()
  try {
    const [user, mount, here] = [`/proc/${pid}/ns/user`, `/proc/${pid}/ns/mnt`, '/proc/self/ns/user'].map(path =>
      opened.adopt(openSync(path, 'r'), closeSync),
    ) as [number, number, number]
    const parent = opened.adopt(parentNamespace(user), close)
    const owner = opened.adopt(owningNamespace(mount), close)
    if (namespaceMaker(user) !== uid || !isSame(parent, here) || !isSame(owner, user)) return undefined
    const kept = opened.move()
    return { user, mount, [Symbol.dispose]: () => kept.dispose() }
  } catch {
    return undefined
  }
}

function isSame(a: number, b: number): boolean {
  const [one, other] = [fstatSync(a), fstatSync(b)]
  return one.dev === other.dev && one.ino === other.ino
}
