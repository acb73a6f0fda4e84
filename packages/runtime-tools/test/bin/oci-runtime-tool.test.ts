import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'

const program = new URL('../../src/bin/oci-runtime-tool.ts', import.meta.url).pathname

/** Runs the program from its source. */
function tool(...args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise(resolve => {
    execFile(process.execPath, [program, ...args], (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr })
    })
  })
}

test('what it generates, it validates', async t => {
  const directory = await mkdtemp(join(tmpdir(), 'runtime-tool-'))
  t.teardown(() => rm(directory, { recursive: true, force: true }))
  const file = join(directory, 'config.json')
  const made = await tool(
    'generate',
    ...['--output', file, '--cap-add', 'net_admin', '--user', '7:8', '--env', 'A=b', '--hostname', 'box'],
    ...['--mount', 'type=bind,src=/tmp,dst=/t,ro', '--sysctl', 'net.core.somaxconn=9', '--ulimit', 'core=0'],
    ...['--device', '/dev/null', '--host-namespace', 'ipc', '--read-only', '--', 'sh', '-c', 'true'],
  )
  t.deepEqual(made, { code: 0, stdout: '', stderr: '' })
  const spec = JSON.parse(await readFile(file, 'utf8'))
  t.deepEqual(spec.process.args, ['sh', '-c', 'true'])
  t.deepEqual(spec.process.capabilities.ambient, ['CAP_NET_ADMIN'])
  t.deepEqual([spec.process.user.uid, spec.process.user.gid, spec.hostname], [7, 8, 'box'])
  t.deepEqual(spec.linux.sysctl, { 'net.core.somaxconn': '9' })
  t.false(spec.linux.namespaces.some((entry: { type: string }) => entry.type === 'ipc'))
  t.deepEqual(spec.mounts.find((mount: { destination: string }) => mount.destination === '/t')?.options, [
    'rbind',
    'ro',
  ])
  t.deepEqual(await tool('validate', file), { code: 0, stdout: '', stderr: '' })

  await writeFile(file, JSON.stringify({ ...spec, process: { ...spec.process, cwd: 'x' } }))
  const judged = await tool('validate', file)
  t.is(judged.code, 1)
  t.regex(judged.stdout, /^\/process\/cwd: /)
})

test('users by name are those of the root file system; everything that is asked for is in the spec', async t => {
  const directory = await mkdtemp(join(tmpdir(), 'runtime-tool-'))
  t.teardown(() => rm(directory, { recursive: true, force: true }))
  const rootfs = join(directory, 'rootfs')
  await mkdir(join(rootfs, 'etc'), { recursive: true })
  await mkdir(join(directory, 'hooks'))
  await writeFile(join(rootfs, 'etc/passwd'), 'app:x:1000:1001::/home:/bin/sh\n')
  await writeFile(join(rootfs, 'etc/group'), 'wheel:x:10:\nextra:x:20:app\n')
  const hook = {
    version: '1.0.0',
    hook: { path: '/bin/true' },
    when: { annotations: { '^a$': 'b' } },
    stages: ['poststart'],
  }
  await writeFile(join(directory, 'hooks/1.json'), JSON.stringify(hook))
  const made = await tool(
    ...['generate', '--rootfs', rootfs, '--user', 'app', '--group-add', 'wheel', '--annotation', 'a=b'],
    ...['--hooks-dir', join(directory, 'hooks'), '--umask', '077', '--oom-score-adj=-5', '--no-new-privileges'],
    ...['--uid-map', '0:100000:5000', '--gid-map', '0:100000:5000', '--join', 'network=/proc/self/ns/net'],
    ...[
      '--memory',
      '67108864',
      '--memory-swap=-1',
      '--cpu-quota',
      '50000',
      '--pids-limit',
      '9',
      '--unified',
      'io.weight=7',
    ],
    ...[
      '--mask',
      '/etc/x',
      '--unmask',
      '/proc/kcore',
      '--apparmor',
      'mine',
      '--selinux-label',
      's:p',
      '--mount-label',
      's:m',
    ],
    ...['--personality', 'LINUX32', '--rdt-class', 'gold', '--systemd'],
  )
  t.is(made.stderr, '')
  const spec = JSON.parse(made.stdout)
  t.deepEqual(spec.process.user, { uid: 1000, gid: 1001, additionalGids: [1001, 20, 10], umask: 0o077 })
  t.deepEqual(
    [spec.process.oomScoreAdj, spec.process.noNewPrivileges, spec.process.apparmorProfile],
    [-5, true, 'mine'],
  )
  t.deepEqual([spec.process.selinuxLabel, spec.linux.mountLabel], ['s:p', 's:m'])
  t.deepEqual(spec.hooks, { poststart: [{ path: '/bin/true' }] })
  t.deepEqual(spec.annotations, { a: 'b' })
  t.deepEqual(spec.linux.uidMappings, [{ containerID: 0, hostID: 100_000, size: 5000 }])
  const types = spec.linux.namespaces.map(
    (entry: { type: string; path?: string }) => `${entry.type}${entry.path ?? ''}`,
  )
  t.deepEqual(types.sort(), ['ipc', 'mount', 'network/proc/self/ns/net', 'pid', 'user', 'uts'])
  t.deepEqual(spec.linux.resources.memory, { limit: 67_108_864, swap: -1 })
  t.deepEqual([spec.linux.resources.cpu, spec.linux.resources.pids], [{ quota: 50_000 }, { limit: 9 }])
  t.deepEqual(spec.linux.resources.unified, { 'io.weight': '7' })
  t.true(spec.linux.maskedPaths.includes('/etc/x') && !spec.linux.maskedPaths.includes('/proc/kcore'))
  t.deepEqual([spec.linux.personality, spec.linux.intelRdt], [{ domain: 'LINUX32' }, { closID: 'gold' }])
  t.true(spec.mounts.some((mount: { destination: string }) => mount.destination === '/run/lock'))
  for (const wrong of [
    ['--umask', '9'],
    ['--memory', '1g'],
    ['--uid-map', '0:1'],
    ['--join', 'x=/y'],
    ['--user', 'nobody-here'],
  ])
    t.is((await tool('generate', '--rootfs', rootfs, ...wrong)).code, 2, wrong.join(' '))
})

test('wrong usage is status 2, help is 0', async t => {
  t.is((await tool()).code, 2)
  t.is((await tool('frobnicate')).code, 2)
  t.is((await tool('generate', '--no-such-flag')).code, 2)
  t.is((await tool('generate', '--user', 'app')).code, 2, 'names need a passwd file')
  t.is((await tool('validate', '/no/such/file')).code, 2)
  for (const command of [[], ['generate'], ['validate']]) {
    const { code, stdout } = await tool(...command, '--help')
    t.is(code, 0)
    t.regex(stdout, /^Usage: oci-runtime-tool/)
  }
})
