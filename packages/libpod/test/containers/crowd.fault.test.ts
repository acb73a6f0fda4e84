import { join } from 'node:path'
import { output, tempDir } from '@libpod/test-kit'
import test from 'ava'
import type { Report } from '../fixtures/crowd.ts'

const containers = 200
const kills = 60

test('two hundred containers live, eight at a time, while their engines are killed: all end, nothing is left, nobody waits to look', async t => {
  t.timeout(600_000)
  const directory = await tempDir(t, 'crowd')
  const options = ['--conditions=development', '--disable-warning=ExperimentalWarning']
  const program = join(import.meta.dirname, '../fixtures/crowd.ts')
  const inNamespaces = ['--mount', '--net', '--propagation', 'private', process.execPath, ...options]
  const words = await output('unshare', [...inNamespaces, program, directory, String(containers), '8', String(kills)], {
    timeout: 540_000,
  })
  const report: Report = JSON.parse(words)
  t.log(`${report.kills} kills; ${report.lists} listings, the slowest ${Math.round(report.slowestList)} ms`)
  t.deepEqual(report.failures, [])
  t.is(report.done, containers)
  t.is(report.kills, kills)
  t.deepEqual(report.left, {
    containers: [],
    stored: [],
    mounts: [],
    namespaces: [],
    leases: [],
    links: [],
    cgroups: [],
    processes: [],
  })
  t.true(report.lists > 10)
  t.true(report.slowestList < 10_000, 'a listing waited for a lock')
})
