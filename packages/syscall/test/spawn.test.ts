import { closeSync, mkdtempSync, openSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { close, exited, type Program, pipe, SyscallError, signalProcess, spawn, tryReap } from '../src/index.ts'

/** What a shell prints, started with these descriptors besides. */
async function said(script: string, more: Partial<Program> = {}): Promise<string> {
  const { read, write } = pipe()
  const nothing = openSync('/dev/null', 'r+')
  const pid = spawn({
    path: '/bin/sh',
    args: ['-c', script],
    env: {},
    ...more,
    fds: [nothing, write, write, ...(more.fds ?? [])],
  })
  close(write)
  closeSync(nothing)
  const text = readFileSync(read, 'utf8')
  close(read)
  const ending = await exited(pid)
  if (!('code' in ending) || ending.code !== 0) throw new Error(`${JSON.stringify(ending)}: ${text}`)
  return text.trim()
}

test('a program gets its arguments, this environment alone, and its directory', async t => {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), 'spawn-')))
  t.teardown(() => rmSync(directory, { recursive: true }))
  t.is(await said('echo "$0" "$1"', { args: ['-c', 'echo "$0" "$1"', 'zero', 'ä b'] }), 'zero ä b')
  t.is(await said('echo $A; env | grep -cv -e ^A= -e ^PWD= -e ^_= -e ^SHLVL= || true', { env: { A: 'x=y' } }), 'x=y\n0')
  t.is(await said('pwd', { cwd: directory }), directory)
})

test('many arguments and many variables stay apart', async t => {
  const words = Array.from({ length: 50 }, (_, at) => `word-${at}`)
  const env = Object.fromEntries(words.map(word => [word.replace('-', '_'), word]))
  t.is(await said('', { args: ['-c', 'echo "$@"', 'sh', ...words] }), words.join(' '))
  const seen = (await said('env', { env })).split('\n').filter(line => line.startsWith('word_'))
  t.deepEqual(seen.toSorted(), words.map(word => `${word.replace('-', '_')}=${word}`).toSorted())
})

test('descriptors get the numbers they are listed under, though one is another’s target, and no others', async t => {
  const [first, second] = [openSync('/etc/hostname', 'r'), openSync('/etc/passwd', 'r')]
  t.teardown(() => [first, second].forEach(closeSync))
  const seen = 'for fd in 3 4 5 6 7 8 9; do [ -e /proc/self/fd/$fd ] && readlink /proc/$$/fd/$fd || echo none; done'
  const own = ['none', 'none', 'none', 'none']
  t.is(
    await said(seen, { fds: [second, first, 'closed'] }),
    ['/etc/passwd', '/etc/hostname', 'none', ...own].join('\n'),
  )
  // Each gets the other's number: neither may be lost on the way.
  const crossed = Array.from({ length: Math.max(first, second) - 2 }, (_, index) =>
    index + 3 === first ? second : index + 3 === second ? first : 'closed',
  )
  t.is(
    await said(`readlink /proc/$$/fd/${first} /proc/$$/fd/${second}`, { fds: crossed }),
    '/etc/passwd\n/etc/hostname',
  )
})

test('signals are as a new process has them, and a session of its own when asked', async t => {
  t.notRegex(readFileSync('/proc/self/status', 'latin1'), /SigIgn:\s*0+\n/) // Node ignores SIGPIPE
  const masks = await said('grep -E "^Sig(Ign|Blk)" /proc/self/status')
  t.deepEqual(masks.match(/\t0+$/gm)?.length, 2)
  const session = 'read -r _ _ _ _ group session _ </proc/$$/stat; [ $session = $$ ] && echo own || echo shared'
  t.is(await said(session), 'shared')
  t.is(await said(session, { session: 'own' }), 'own')
})

test('how it ended is told once', async t => {
  const run = (script: string): number => spawn({ path: '/bin/sh', args: ['-c', script], env: {}, fds: [] })
  t.deepEqual(await exited(run('exit 7')), { code: 7 })
  t.deepEqual(await exited(run('kill -TERM $$')), { signal: 'SIGTERM' })
  const sleeper = spawn({ path: '/bin/sleep', args: ['600'], env: {}, fds: [] })
  t.is(tryReap(sleeper), undefined)
  process.kill(sleeper, 'SIGKILL')
  t.deepEqual(await exited(sleeper), { signal: 'SIGKILL' })
  t.throws(() => tryReap(sleeper), { instanceOf: SyscallError })
})

test.serial('several are waited for at once, and nobody listens for the end of children afterwards', async t => {
  const run = (code: number): number =>
    spawn({ path: '/bin/sh', args: ['-c', `sleep 0.${code}; exit ${code}`], env: {}, fds: [] })
  const endings = await Promise.all([3, 1, 2].map(code => exited(run(code))))
  t.deepEqual(endings, [{ code: 3 }, { code: 1 }, { code: 2 }])
  t.is(process.listenerCount('SIGCHLD'), 0)
})

test('a signal reaches the process that is meant, and nobody when it is another or none', async t => {
  const pid = spawn({ path: '/bin/sleep', args: ['600'], env: {}, fds: [] })
  t.false(signalProcess(pid, 15, () => false))
  t.is(tryReap(pid), undefined)
  t.true(signalProcess(pid, 15, () => true))
  t.deepEqual(await exited(pid), { signal: 'SIGTERM' })
  t.false(signalProcess(pid, 15, () => true))
  t.throws(() => signalProcess(process.pid, 200, () => true), { code: 'EINVAL' })
})

test('what cannot be started says why', t => {
  const start = (path: string, more: Partial<Program> = {}) => spawn({ path, args: [], env: {}, fds: [], ...more })
  t.throws(() => start('/nonexistent'), { code: 'ENOENT', message: /"\/nonexistent"/ })
  t.throws(() => start('/etc/passwd'), { code: 'EACCES' })
  t.throws(() => start('/bin/true', { cwd: '/nonexistent' }), { code: 'ENOENT' })
  t.throws(() => start('/bin/true', { args: ['a\0b'] }), { code: 'EINVAL' })
})
