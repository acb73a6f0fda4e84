import { statSync } from 'node:fs'
import { numbersOf } from '@libpod/runtime-tools'
import { LibpodError } from '../errors.ts'

/** The numbers of a block device, for its limits. @throws LibpodError SPEC_INVALID */
export function blockDevice(path: string): ReturnType<typeof numbersOf> {
  const found = statSync(path, { throwIfNoEntry: false })
  if (found?.isBlockDevice()) return numbersOf(found.rdev)
  const problem = found ? `${path}: not a block device` : `could not parse device ${path}: no such file or directory`
  throw new LibpodError('SPEC_INVALID', problem, { subject: path })
}
