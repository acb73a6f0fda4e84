import { bind, checked, cString } from './libc.ts'

const callMemfdCreate = bind('memfd_create', 'int32', ['pointer', 'uint32'])
const MFD_CLOEXEC = 1

/** A descriptor of a file that only memory holds and no directory names, closed on exec (memfd_create(2)). @throws SyscallError */
export const memoryFile = (): number => checked(callMemfdCreate(cString('libpod'), MFD_CLOEXEC), 'memfd_create')
