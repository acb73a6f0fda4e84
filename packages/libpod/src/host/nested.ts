import { readFileSync } from 'node:fs'

/** Whether this process is in a user namespace of somebody's: the first one maps every id to itself (user_namespaces(7)). */
export const isNested = (): boolean => !/^\s*0\s+0\s+4294967295\s*$/.test(readFileSync('/proc/self/uid_map', 'latin1'))
