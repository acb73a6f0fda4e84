import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
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
