// Makes config.json of a bundle: node bundle.ts [BUNDLE [COMMAND [ARG...]]]
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { generateSpec, parseUser, readAccountFiles, readSpecHost, validateSpec, writeSpec } from '@libpod/runtime-tools'

const [bundle = '.', ...command] = process.argv.slice(2)
await mkdir(join(bundle, 'rootfs'), { recursive: true }) // where the container's files go
const user = parseUser('0', readAccountFiles(join(bundle, 'rootfs')))

const spec = generateSpec({
  id: 'example',
  hostname: 'example',
  rootfs: { path: 'rootfs', readonly: 'yes' },
  process: {
    args: command.length > 0 ? command : ['sh'],
    cwd: '/',
    env: ['PATH=/bin'],
    terminal: 'no',
    user,
    capabilities: { drop: ['all'] },
  },
  namespaces: (['pid', 'network', 'ipc', 'uts', 'mount'] as const).map(type => ({ type })),
  resources: { memory: { limit: 64 << 20 }, pids: { limit: 50 } },
  host: await readSpecHost(),
})
for (const { path, message } of await validateSpec(spec)) console.error(`${path}: ${message}`)
await writeFile(join(bundle, 'config.json'), writeSpec(spec))
