import { differences, normalize, peerSpecs } from '@libpod/test-kit'
import test from 'ava'
import { defaultMaskedPaths, generateSpec, listHostDevices, readSpec, readSpecHost } from '../../src/index.ts'
import { allCases, meant } from './cases.ts'
import { commonFlags, planOf } from './plan.ts'

test('a plan gives the spec that podman makes of the same flags', async t => {
  t.timeout(600_000)
  const peer = await peerSpecs(t)
  const host = await readSpecHost()
  const hostDevices = await listHostDevices()
  const planned = allCases.flatMap(({ flags, plan }) => (plan ? [{ flags, plan }] : []))
  const theirs = await peer.specsOf(planned.map(({ flags }) => ({ flags: [...commonFlags, ...flags] })))
  const wrong: string[] = []
  for (const [at, { flags, plan }] of planned.entries()) {
    const devices = plan.privileged === 'yes' ? [...hostDevices, ...(plan.devices ?? [])] : plan.devices
    const ours = generateSpec(planOf({ ...plan, ...(devices ? { devices } : {}) }, host))
    const found = compare(ours, theirs[at])
    const name = flags.join(' ')
    if (name in meant) t.true(found.length > 0, `${name} does not differ any more`)
    else if (found.length > 0) wrong.push(`${name || '(no flags)'}: ${found.join('; ')}`)
  }
  t.deepEqual(wrong, [])
  t.true(planned.length >= 150, `${planned.length} cases`)
})

function compare(
  ours: unknown,
  theirs: Awaited<ReturnType<Awaited<ReturnType<typeof peerSpecs>>['specsOf']>>[number] | undefined,
) {
  if (theirs === undefined || 'refusal' in theirs) return [theirs?.refusal ?? 'nothing']
  return differences(normalize(ours, defaultMaskedPaths), normalize(readSpec(theirs.spec), defaultMaskedPaths))
}
