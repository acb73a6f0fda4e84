import { spawn } from 'node:child_process'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { tempDir } from '@libpod/test-kit'
import test from 'ava'
import { parseImageName, transports } from '../../src/index.ts'
import { transportSuite } from '../../src/testing/index.ts'
import { plainAccess, startRegistry } from '../support/registry.ts'

let root = ''
let host = ''
const daemon = {}
const access = { tlsVerify: 'no', registriesConf: '/dev/null', registriesDir: '/nonexistent', retryDelay: 20 } as const

test.before(async () => {
  root = await tempDir({ teardown: cleanup => void cleanups.push(cleanup) })
  const registry = await startRegistry(join(root, 'registry'))
  cleanups.unshift(() => Promise.resolve(registry[Symbol.asyncDispose]()))
  host = registry.host
  Object.assign(access, await plainAccess(join(root, 'access')))
  Object.assign(daemon, access, { daemonHost: await startDaemon(root) })
})

/** Something that speaks the Docker API: the real Podman's service. */
async function startDaemon(directory: string): Promise<string> {
  const socket = join(directory, 'daemon.sock')
  const places = ['root', 'runroot', 'tmpdir'].flatMap(name => [`--${name}`, join(directory, `daemon-${name}`)])
  const flags = [...places, '--storage-driver', 'vfs', '--events-backend', 'none']
  const service = spawn('podman', [...flags, 'system', 'service', '--time', '0', `unix://${socket}`], {
    stdio: 'ignore',
  })
  const ended = new Promise<void>(resolve => service.once('exit', () => resolve()))
  cleanups.unshift(async () => {
    service.kill('SIGKILL')
    await ended
  })
  while (service.exitCode === null && !(await stat(socket).catch(() => undefined))) await sleep(50)
  return `unix://${socket}`
}

const cleanups: (() => Promise<void>)[] = []

function itself(name: string) {
  const transport = transports.find(one => one.name === name)
  if (transport === undefined) throw new TypeError(`no transport ${name}`)
  return { transport }
}
test.after.always(async () => {
  for (const cleanup of cleanups) await cleanup()
})

for (const name of ['dir', 'oci', 'oci-archive', 'docker-archive'] as const) {
  const indexes = name === 'docker-archive' ? 'no' : 'yes'
  transportSuite(test, {
    name,
    indexes,
    place: async title => parseImageName(`${name}:${join(root, `${name}-${title}`)}`),
    ...itself(name),
  })
}

transportSuite(test, {
  name: 'docker',
  indexes: 'yes',
  access,
  place: async title => parseImageName(`docker://${host}/suite/${title}:tag`),
  ...itself('docker'),
})

transportSuite(test, {
  name: 'docker-daemon',
  indexes: 'no',
  access: daemon,
  place: async title => parseImageName(`docker-daemon:localhost/suite/${title}:tag`),
  ...itself('docker-daemon'),
})

for (const name of ['oci', 'oci-archive', 'docker-archive'] as const) {
  transportSuite(test, {
    name: `${name} with a name`,
    indexes: name === 'docker-archive' ? 'no' : 'yes',
    place: async title => parseImageName(`${name}:${join(root, `named-${name}-${title}`)}:localhost/suite:tag`),
    ...itself(name),
  })
}
