import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { matchHooks, parseHook, readHooks } from '../../src/index.ts'

const hook = { path: '/usr/bin/hook', args: ['hook', 'x'], env: ['A=b'], timeout: 3 }
const current = (when: object, stages: readonly string[] = ['prestart']) => {
  return parseHook('h.json', JSON.stringify({ version: '1.0.0', hook, when, stages }))
}
const subject = { annotations: { colour: 'blue', size: 'big' }, command: '/bin/sh', hasBindMounts: 'no' as const }
const chosen = (when: object) => matchHooks([current(when)], subject).runtime.prestart?.length === 1

test('version 1.0.0 wants every condition given', t => {
  t.true(chosen({ always: true }))
  t.false(chosen({ always: false }))
  t.true(chosen({ commands: ['^/bin/zsh$', '^/bin/sh$'] }))
  t.false(chosen({ commands: ['^sh$'] }))
  t.true(chosen({ annotations: { '^col': '^bl' } }))
  t.false(chosen({ annotations: { '^col': '^bl', '^size$': '^small$' } }), 'every pair')
  t.false(chosen({ annotations: { '^size$': 'blue' } }), 'of one annotation')
  t.false(chosen({ hasBindMounts: true }))
  t.true(chosen({ hasBindMounts: false }))
  t.false(chosen({ always: true, hasBindMounts: true }))
})

test('version 0.1.0 wants any', t => {
  const old = (conditions: object) => {
    const file = { hook: '/usr/bin/hook', arguments: ['a'], stage: ['prestart'], ...conditions }
    return matchHooks([parseHook('old.json', JSON.stringify(file))], subject).runtime.prestart
  }
  t.deepEqual(old({ cmd: ['sh$'] }), [{ path: '/usr/bin/hook', args: ['/usr/bin/hook', 'a'] }])
  t.is(old({ cmd: ['zsh$'] }), undefined)
  t.is(old({ cmds: ['zsh$'], annotations: ['blue'] })?.length, 1)
  t.is(old({ cmds: ['zsh$'], hasbindmounts: true }), undefined)
})

test('stages go where they are run', t => {
  const hooks = matchHooks(
    [current({ always: true }, ['precreate', 'createRuntime', 'createContainer', 'poststop'])],
    subject,
  )
  t.deepEqual(hooks, {
    runtime: { createRuntime: [hook], createContainer: [hook] },
    engine: { precreate: [hook], poststop: [hook] },
  })
})

for (const [what, file] of Object.entries({
  'no JSON': '{',
  'no object': '[]',
  'an unknown version': { version: '2.0.0', hook, when: { always: true }, stages: ['prestart'] },
  'no condition': { version: '1.0.0', hook, when: {}, stages: ['prestart'] },
  'no stage': { version: '1.0.0', hook, when: { always: true }, stages: [] },
  'an unknown stage': { version: '1.0.0', hook, when: { always: true }, stages: ['start'] },
  'a relative path': { version: '1.0.0', hook: { path: 'bin' }, when: { always: true }, stages: ['prestart'] },
  'no path': { version: '1.0.0', hook: {}, when: { always: true }, stages: ['prestart'] },
  'a broken expression': { version: '1.0.0', hook, when: { commands: ['('] }, stages: ['prestart'] },
  'a negative timeout': {
    version: '1.0.0',
    hook: { path: '/x', timeout: -1 },
    when: { always: true },
    stages: ['prestart'],
  },
})) {
  test(`a hook file with ${what} is refused`, t => {
    const text = typeof file === 'string' ? file : JSON.stringify(file)
    t.throws(() => parseHook('bad.json', text), { code: 'HOOK_INVALID', message: /bad\.json/ })
  })
}

test('later directories replace files, and the order is by name', async t => {
  const root = await mkdtemp(join(tmpdir(), 'hooks-'))
  t.teardown(() => rm(root, { recursive: true, force: true }))
  const put = async (directory: string, name: string, path: string) => {
    await mkdir(join(root, directory), { recursive: true })
    const file = { version: '1.0.0', hook: { path }, when: { always: true }, stages: ['prestart'] }
    await writeFile(join(root, directory, name), JSON.stringify(file))
  }
  await put('a', 'B.json', '/one')
  await put('a', 'a.json', '/two')
  await put('a', 'notes.txt', '/ignored')
  await put('b', 'B.json', '/three')
  const hooks = await readHooks([join(root, 'a'), join(root, 'b'), join(root, 'missing')])
  t.deepEqual(
    hooks.map(({ hook }) => hook.path),
    ['/two', '/three'],
  )
  await chmod(join(root, 'b', 'B.json'), 0o666)
  await t.throwsAsync(readHooks([join(root, 'b')]), { code: 'HOOK_INVALID', message: /anyone may write/ })
  await rm(join(root, 'b', 'B.json'))
  await symlink(join(root, 'a', 'B.json'), join(root, 'b', 'B.json'))
  await t.throwsAsync(readHooks([join(root, 'b')]), { code: 'HOOK_INVALID', message: /it is a link/ })
  await chmod(join(root, 'a'), 0o777)
  await t.throwsAsync(readHooks([join(root, 'a')]), { code: 'HOOK_INVALID', message: /anyone may write/ })
})
