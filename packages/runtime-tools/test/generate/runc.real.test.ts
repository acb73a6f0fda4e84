import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import test, { type ExecutionContext } from 'ava'
import { generateSpec, readSpecHost, type SpecPlan, writeSpec } from '../../src/index.ts'

const run = promisify(execFile)

/** Runs a shell command in a container made from the plan, and gives what it prints. */
async function inContainer(t: ExecutionContext, edit: Partial<SpecPlan>, process: Partial<SpecPlan['process']>) {
  const bundle = await mkdtemp(join(tmpdir(), 'spec-run-'))
  t.teardown(() => rm(bundle, { recursive: true, force: true }))
  const rootfs = join(bundle, 'rootfs')
  await mkdir(join(rootfs, 'bin'), { recursive: true })
  await run('cp', ['/bin/busybox', join(rootfs, 'bin/busybox')])
  for (const name of ['sh', 'cat', 'id', 'ls', 'grep', 'sysctl']) await symlink('busybox', join(rootfs, 'bin', name))
  const id = `spec-${randomBytes(4).toString('hex')}`
  const spec = generateSpec({
    id,
    hostname: 'box',
    rootfs: { path: rootfs, readonly: 'no' },
    namespaces: (['pid', 'network', 'ipc', 'uts', 'mount'] as const).map(type => ({ type })),
    cgroupsPath: `/${id}`,
    process: { args: [], cwd: '/', env: ['PATH=/bin'], terminal: 'no', user: { uid: 0, gid: 0 }, ...process },
    host: await readSpecHost(),
    ...edit,
  })
  await writeFile(join(bundle, 'config.json'), writeSpec(spec))
  const { stdout } = await run('runc', ['--root', join(bundle, 'state'), 'run', '--bundle', bundle, id])
  return stdout
}

const sh = (script: string) => ({ args: ['sh', '-c', script] })
const sets = async (t: ExecutionContext, edit: Partial<SpecPlan>, process: Partial<SpecPlan['process']>) => {
  const status = await inContainer(t, edit, { ...process, ...sh('grep ^Cap /proc/self/status') })
  return Object.fromEntries(
    [...status.matchAll(/^Cap(\w+):\s*(\w+)$/gm)].map(([, name, mask]) => [name, BigInt(`0x${mask}`)]),
  )
}

const app = { uid: 1000, gid: 1000, additionalGids: [1000, 2000] }
const netAdmin = 1n << 12n

// CVE-2022-27649, CVE-2022-27651, CVE-2018-10856, CVE-2021-20188
test('the five sets of a running process', async t => {
  const root = await sets(t, {}, {})
  t.true((root.Eff ?? 0n) > 0n)
  t.is(root.Eff, root.Bnd)
  t.deepEqual([root.Inh, root.Amb], [0n, 0n])

  const privileged = await sets(t, { privileged: 'yes' }, {})
  t.true((privileged.Bnd ?? 0n) > (root.Bnd ?? 0n))
  t.deepEqual([privileged.Inh, privileged.Amb], [0n, 0n])

  const user = await sets(t, {}, { user: app })
  t.deepEqual([user.Eff, user.Prm, user.Inh, user.Amb], [0n, 0n, 0n, 0n])
  t.is(user.Bnd, root.Bnd)

  const added = await sets(t, {}, { user: app, capabilities: { add: ['net_admin'] } })
  t.deepEqual([added.Eff, added.Prm, added.Amb], [netAdmin, netAdmin, netAdmin])
})

// CVE-2022-2989 and its kin: a missing primary group evades a mode that forbids the group.
test('groups of a running process', async t => {
  t.is(await inContainer(t, {}, { user: app, ...sh('id -G') }), '1000 2000\n')
  t.is(await inContainer(t, {}, { user: app, ...sh('id -u') }), '1000\n')
})

// CVE-2024-21626
test('a container sees only its own descriptors', async t => {
  const listing = await inContainer(t, {}, sh('ls /proc/self/fd'))
  t.deepEqual(listing.trim().split(/\s+/), ['0', '1', '2', '3'], 'the last is of the listing itself')
})

test('the plan is what the container sees', async t => {
  const script = [
    'exec 2>&1',
    'cat /proc/sys/net/ipv4/ping_group_range /proc/sys/kernel/hostname',
    'ls /proc/acpi /sys/firmware',
    'echo x > /proc/sys/kernel/hostname',
    'true',
  ].join('; ')
  const seen = await inContainer(t, { sysctl: { 'net.ipv4.ping_group_range': '0 7' } }, sh(script))
  t.regex(seen, /^0\t7\nbox\n/)
  t.regex(seen, /Read-only file system/)
  t.regex(seen, /acpi:\n\n\/sys\/firmware:\n/, 'both are empty')
})
