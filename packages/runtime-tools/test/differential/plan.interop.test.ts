import test from 'ava'
import { generateSpec, listHostDevices, readSpecHost } from '../../src/index.ts'
import { allCases, meant } from './cases.ts'
import { differences } from './differences.ts'
import { openPodman } from './engine.ts'
import { normalize } from './normalize.ts'
import { commonFlags, planOf } from './plan.ts'

test('a plan gives the spec that podman makes of the same flags', async t => {
  t.timeout(240_000)
  await using podman = await openPodman(['podman'])
  const host = await readSpecHost()
  const hostDevices = await listHostDevices()
  const planned = allCases.flatMap(({ flags, plan }) => (plan ? [{ flags, plan }] : []))
  const wrong: string[] = []
  for (const { flags, plan } of planned) {
    const devices = plan.privileged === 'yes' ? [...hostDevices, ...(plan.devices ?? [])] : plan.devices
    const ours = generateSpec(planOf({ ...plan, ...(devices ? { devices } : {}) }, host))
    const theirs = await podman.specOf([...commonFlags, ...flags]).catch((error: Error) => error)
    const found = theirs instanceof Error ? [theirs.message] : differences(normalize(ours), normalize(theirs))
    const name = flags.join(' ')
    if (name in meant) t.true(found.length > 0, `${name} does not differ any more`)
    else if (found.length > 0) wrong.push(`${name || '(no flags)'}: ${found.join('; ')}`)
  }
  t.deepEqual(wrong, [])
  t.true(planned.length >= 150, `${planned.length} cases`)
})
