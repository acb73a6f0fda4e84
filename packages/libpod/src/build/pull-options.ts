import { storeOptions } from '../config/options.ts'
import type { ResolvedOptions } from '../engine.ts'
import { LibpodError } from '../errors.ts'

/** Refuses what Buildah would not hear of: it has pull options of storage.conf alone. @throws LibpodError UNSUPPORTED */
export function refusePullOptions({ pullOptions }: Pick<ResolvedOptions, 'pullOptions'>): void {
  const given = Object.entries(pullOptions)
  if (given.length === 0) return
  const { pullOptions: heard } = storeOptions({})
  const unheard = given.find(([key, value]) => heard[key] !== value)
  if (unheard === undefined) return
  const option = unheard.join('=')
  throw new LibpodError('UNSUPPORTED', `pull option ${option}: Buildah takes pull options from storage.conf only`, {
    subject: option,
    hint: 'set it in [storage.options.pull_options] of storage.conf',
  })
}
