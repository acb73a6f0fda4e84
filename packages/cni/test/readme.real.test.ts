import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { run, testNetwork } from './support/network.ts'

const example = new URL('../examples/attach.ts', import.meta.url)

test('the example connects and prints the address', async t => {
  await using net = await testNetwork()
  const ipam = {
    type: 'host-local',
    dataDir: join(net.directory, 'ipam'),
    ranges: [[{ subnet: `${net.prefix}.0/24` }]],
  }
  const ptp = { cniVersion: '1.0.0', name: net.name, plugins: [{ type: 'ptp', ipam }] }
  await writeFile(join(net.directory, 'x.conflist'), JSON.stringify(ptp))
  const program = [process.execPath, '--conditions=development', example.pathname, net.directory, net.name, net.netns]
  const { stdout } = await run('ip', ['netns', 'exec', net.host, ...program])
  t.is(stdout, `eth0 ${net.prefix}.2/24\n`)
})

test('the README shows the example as it is', async t => {
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8')
  t.true(readme.includes(await readFile(example, 'utf8')))
})
