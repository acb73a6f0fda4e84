import { readlink } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import test from 'ava'
import { image, openTestEngine } from '../containers/engine.ts'

const spaces = ['ipc', 'net', 'pid', 'uts', 'user', 'cgroup'] as const

test('the containers of a pod share what it says, and the user namespace of the host when it has none of its own', async t => {
  const engine = await openTestEngine(t, 'pod-share')
  const command = ['sh', '-c', 'for space in "$@"; do readlink /proc/self/ns/$space; done', 'sh', ...spaces]
  for (const share of ['ipc', 'net', 'pid', 'uts', 'user'] as const) {
    const { id: pod } = await engine.pods.create({ share: [share], network: { mode: { kind: 'none' } } })
    const seen = async (): Promise<readonly string[]> => {
      await using one = await engine.containers.run({ image, pod, process: { command } })
      one.stderr.resume()
      const [out, code] = await Promise.all([text(one.stdout), one.exited])
      t.is(code, 0)
      return out.trim().split('\n')
    }
    // Numbers of namespaces are used again: both are looked at while the infra container holds what it shares.
    const [first, infra] = [await seen(), (await engine.pods.inspect(pod)).InfraContainerID as string]
    const { pid = 'self' } = (await engine.containers.list({ which: 'all' })).find(({ id }) => id === infra) ?? {}
    const held = await readlink(`/proc/${pid}/ns/${share}`)
    t.is(first[spaces.indexOf(share)], held, share)
    await engine.pods.remove(pod, { running: 'kill', timeout: 0 })
  }
})

test('of many pods without a name none gets that of another', async t => {
  const engine = await openTestEngine(t, 'pod-names')
  // Some 4000 names are invented: among these two are alike more often than not.
  for (let count = 0; count < 200; count++) await engine.pods.create({ infra: 'no' })
  const names = (await engine.pods.list()).map(({ name }) => name)
  t.is(new Set(names).size, 200)
})
