import { differences, normalize, peerSpecs, type SpecOutcome } from '@libpod/test-kit'
import test from 'ava'
import { oddImages, specCases } from './cases.ts'
import { intended } from './intended.ts'
import { ourSpecs } from './ours.ts'

/** What depends on the host's configuration is given. */
const common = ['--network', 'none', '--ulimit', 'nofile=100:100', '--ulimit', 'nproc=100:100']

test('the same options give the same spec as those of the installed Podman', async t => {
  t.timeout(900_000)
  const peer = await peerSpecs(t, oddImages)
  const ours = await ourSpecs(t, { ...peer, images: oddImages })
  const cases = specCases.map(one => ({ ...one, flags: [...commonFor(one.flags), ...one.flags] }))
  const [mine, theirs] = await Promise.all([ours(cases), peer.specsOf(cases)])
  const wrong: string[] = []
  for (const [at, { flags, image, command }] of specCases.entries()) {
    const found = compare(mine[at], theirs[at])
    const name = [
      ...flags,
      ...(image ? [image.replace(/^localhost\//, '')] : []),
      ...(command ? ['(no command)'] : []),
    ].join(' ')
    const meant = intended.filter(({ when }) => when.test(name))
    const unmeant = found.filter(line => !meant.some(({ what }) => what.test(line)))
    for (const one of meant) if (found.some(line => one.what.test(line))) one.seen = true
    if (unmeant.length > 0) wrong.push(`${name || '(no flags)'}: ${unmeant.join('; ')}`)
  }
  t.deepEqual(wrong, [])
  t.deepEqual(
    intended.filter(({ seen }) => !seen).map(({ why }) => why),
    [],
    'these do not differ any more',
  )
  t.true(specCases.length >= 150, `${specCases.length} cases`)
})

const commonFor = (flags: readonly string[]) => (flags.includes('--network') ? common.slice(2) : common)

function compare(mine: SpecOutcome | undefined, theirs: SpecOutcome | undefined): readonly string[] {
  if (!mine || !theirs) return ['no outcome']
  if ('refusal' in mine || 'refusal' in theirs) {
    const both = 'refusal' in mine && 'refusal' in theirs
    return both
      ? []
      : [`${'refusal' in mine ? mine.refusal : 'accepted'} | ${'refusal' in theirs ? theirs.refusal : 'accepted'}`]
  }
  const masked = (spec: { readonly linux?: { readonly maskedPaths?: readonly string[] } }) =>
    spec.linux?.maskedPaths ?? []
  const all = masked(JSON.parse(mine.spec))
  return differences(normalize(JSON.parse(mine.spec), all), normalize(JSON.parse(theirs.spec), all))
}
