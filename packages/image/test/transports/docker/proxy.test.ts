import { hostileServer, namedHosts, tempDir } from '@libpod/test-kit'
import test from 'ava'
import { parseImageName, readManifest } from '../../../src/index.ts'
import { randomImage } from '../../../src/testing/index.ts'
import { proxyFor } from '../../../src/transports/docker/proxy.ts'
import { plainAccess } from '../../support/registry.ts'
import { servedImage } from '../../support/served-image.ts'

const proxy = 'http://proxy.example.com:3128'
const cases: readonly (readonly [string, Record<string, string>, string | undefined])[] = [
  ['https://a.example.com/', { HTTPS_PROXY: proxy }, proxy],
  ['https://a.example.com/', { https_proxy: proxy }, proxy],
  ['https://a.example.com/', { HTTP_PROXY: proxy }, undefined],
  ['https://a.example.com/', { ALL_PROXY: proxy }, undefined],
  ['http://a.example.com/', { HTTP_PROXY: proxy, HTTPS_PROXY: 'http://other' }, proxy],
  ['http://a.example.com/', { HTTP_PROXY: 'proxy.example.com:3128' }, proxy],
  ['http://a.example.com/', { HTTP_PROXY: '', http_proxy: '' }, undefined],
  ['http://localhost:5000/', { HTTP_PROXY: proxy }, undefined],
  ['http://127.0.0.1:5000/', { HTTP_PROXY: proxy }, undefined],
  ['http://127.9.9.9/', { HTTP_PROXY: proxy }, undefined],
  ['http://[::1]:5000/', { HTTP_PROXY: proxy }, undefined],
  ['http://a.example.com/', { HTTP_PROXY: proxy, NO_PROXY: '*' }, undefined],
  ['http://a.example.com/', { HTTP_PROXY: proxy, NO_PROXY: 'example.com' }, undefined],
  ['http://example.com/', { HTTP_PROXY: proxy, NO_PROXY: 'example.com' }, undefined],
  ['http://example.com/', { HTTP_PROXY: proxy, NO_PROXY: '.example.com' }, proxy],
  ['http://a.example.com/', { HTTP_PROXY: proxy, NO_PROXY: '.example.com' }, undefined],
  ['http://a.example.com/', { HTTP_PROXY: proxy, NO_PROXY: '*.example.com' }, undefined],
  ['http://badexample.com/', { HTTP_PROXY: proxy, NO_PROXY: 'example.com' }, proxy],
  ['http://A.EXAMPLE.com/', { HTTP_PROXY: proxy, no_proxy: 'x, Example.Com ' }, undefined],
  ['http://a.example.com:5000/', { HTTP_PROXY: proxy, NO_PROXY: 'a.example.com:5000' }, undefined],
  ['http://a.example.com:5000/', { HTTP_PROXY: proxy, NO_PROXY: 'a.example.com:5001' }, proxy],
  ['http://a.example.com/', { HTTP_PROXY: proxy, NO_PROXY: 'a.example.com:80' }, undefined],
  ['http://10.1.2.3/', { HTTP_PROXY: proxy, NO_PROXY: '10.0.0.0/8' }, undefined],
  ['http://11.1.2.3/', { HTTP_PROXY: proxy, NO_PROXY: '10.0.0.0/8' }, proxy],
  ['http://10.1.2.3/', { HTTP_PROXY: proxy, NO_PROXY: '10.1.2.3' }, undefined],
  ['http://10.1.2.3/', { HTTP_PROXY: proxy, NO_PROXY: '10.0.0.0/99,1/2/3,/' }, proxy],
  ['http://[2001:db8::1]/', { HTTP_PROXY: proxy, NO_PROXY: '2001:db8::/32' }, undefined],
]

for (const [url, env, expected] of cases) {
  test(`${url} with ${JSON.stringify(env)}: ${expected ?? 'directly'}`, t =>
    t.is(proxyFor(new URL(url), env), expected))
}

test('a registry over http is reached through the proxy, with the name it was asked by, and the proxy is told who asks', async t => {
  const image = await servedImage(randomImage({ seed: 'proxied' }))
  const registry = await hostileServer(t, image.serve)
  const hosts = await namedHosts(t, { 'registry.example.com': registry.port })
  const base = await plainAccess(await tempDir(t, 'proxy'))
  const HTTP_PROXY = hosts.proxy.replace('//', '//user:secret@')
  const access = { ...base, env: { ...base.env, HTTP_PROXY } }
  await readManifest(parseImageName('docker://registry.example.com/a:1'), { access })
  t.true(hosts.asked.includes('GET http://registry.example.com/v2/a/manifests/1'))
  for (const { headers } of registry.seen) t.is(headers.host, 'registry.example.com')
  const direct = { ...base, env: { ...base.env, HTTP_PROXY, NO_PROXY: 'example.com' } }
  const before = hosts.asked.length
  await t.throwsAsync(readManifest(parseImageName('docker://registry.example.com/a:1'), { access: direct }))
  t.is(hosts.asked.length, before)
})
