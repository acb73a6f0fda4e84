import { closeSync, constants, fstatSync, openSync } from 'node:fs'
import { close, openat } from './at.ts'
import { bind, checked, cString, fcntl } from './libc.ts'

const callMemfdCreate = bind('memfd_create', 'int32', ['pointer', 'uint32'])
const callSendfile = bind('sendfile', 'int64', ['int32', 'int32', 'pointer', 'uint64'])
const MFD_CLOEXEC = 1
const MFD_ALLOW_SEALING = 2
const F_ADD_SEALS = 1033
/** F_SEAL_SEAL, F_SEAL_SHRINK, F_SEAL_GROW and F_SEAL_WRITE. */
const everySeal = 0xfn

/** A descriptor of a file that only memory holds and no directory names, closed on exec (memfd_create(2)). @throws SyscallError */
export const memoryFile = (): number => checked(callMemfdCreate(cString('libpod'), MFD_CLOEXEC), 'memfd_create')

/**
 * A descriptor, to be read from and closed on exec, of a copy of a file in memory that nobody can change any more
 * (memfd_create(2), F_ADD_SEALS). @throws SyscallError, and Node's own error when the file cannot be read
 */
export function sealedCopy(path: string): number {
  using held = new DisposableStack()
  const source = held.adopt(openSync(path, 'r'), closeSync)
  const flags = MFD_CLOEXEC | MFD_ALLOW_SEALING
  const copy = held.adopt(checked(callMemfdCreate(cString('libpod'), flags), 'memfd_create'), close)
  for (let left = fstatSync(source).size; left > 0; ) {
    const sent = checked(callSendfile(copy, source, null, BigInt(left)), 'sendfile', path)
    if (sent === 0) break
    left -= sent
  }
  checked(fcntl(copy, F_ADD_SEALS, everySeal), 'fcntl', path)
  // What is open for writing cannot be executed.
  return openat(0, `/proc/self/fd/${copy}`, constants.O_RDONLY)
}
