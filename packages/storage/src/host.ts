import { readFileSync } from 'node:fs'

let known: 'yes' | 'no' | undefined

/** Whether this process is in a user namespace other than the first, or has no privilege over the first. */
export function inUserNamespace(): 'yes' | 'no' {
  known ??=
    process.geteuid?.() === 0 && /^\s*0\s+0\s+4294967295\s*$/.test(readFileSync('/proc/self/uid_map', 'utf8'))
      ? 'no'
      : 'yes'
  return known
}
