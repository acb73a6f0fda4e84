import { randomBytes } from '@libpod/syscall'

/** 64 random hex digits whose first twelve are not all decimal, so that a short id never looks like a number. */
export function randomId(): string {
  for (;;) {
    const id = randomBytes(32).toString('hex')
    if (!/^[0-9]{12}/.test(id)) return id
  }
}
