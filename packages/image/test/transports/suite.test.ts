import { join } from 'node:path'
import { tempDir } from '@libpod/test-kit'
import test from 'ava'
import { parseImageName } from '../../src/index.ts'
import { transportSuite } from '../../src/testing/index.ts'
import { plainAccess, startRegistry } from '../support/registry.ts'

let root = ''
let host = ''
const access = { tlsVerify: 'no', registriesConf: '/dev/null', registriesDir: '/nonexistent', retryDelay: 20 } as const

test.before(async () => {
  root = await tempDir({ teardown: cleanup => void cleanups.push(cleanup) })
  const registry = await startRegistry(join(root, 'registry'))
  cleanups.unshift(() => Promise.resolve(registry[Symbol.asyncDispose]()))
  host = registry.host
  Object.assign(access, await plainAccess(join(root, 'access')))
})

const cleanups: (() => Promise<void>)[] = []
test.after.always(async () => {
  for (const cleanup of cleanups) await cleanup()
})

for (const name of ['dir', 'oci', 'oci-archive', 'docker-archive'] as const) {
  const indexes = name === 'docker-archive' ? 'no' : 'yes'
  transportSuite(test, {
    name,
    indexes,
    place: async title => parseImageName(`${name}:${join(root, `${name}-${title}`)}`),
  })
}

transportSuite(test, {
  name: 'docker',
  indexes: 'yes',
  access,
  place: async title => parseImageName(`docker://${host}/suite/${title}:tag`),
})
