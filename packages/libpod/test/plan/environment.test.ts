import test from 'ava'
import { environment } from '../../src/plan/environment.ts'

const host = { SECRET: 'of the host', AWS_KEY: 'of the host', HTTPS_PROXY: 'http://proxy', PATH: '/host' }
const sources = { defaults: ['PATH=/bin'], image: [], process: {}, host, takeHost: 'proxies' } as const

// CVE-2026-57231: entries of an image without a value, or with a star, pulled in the host's variables.
test('an image names no variable of the host', t => {
  const image = ['SECRET', 'AWS_*', '*', '=x', 'A=B=C', '', 'PATH=/image']
  const env = environment({ ...sources, image })
  t.deepEqual(env.toSorted(), ['A=B=C', 'HTTPS_PROXY=http://proxy', 'PATH=/image', 'container=podman'])
})

test('later sources win; names are taken away; all means all', t => {
  const process = { env: { PATH: '/mine', X: '1' }, unsetEnv: ['PATH', 'container'], httpProxy: 'none' } as const
  t.deepEqual(environment({ ...sources, process }), ['PATH=/mine', 'X=1'])
  const alone = environment({ ...sources, process: { unsetEnv: 'all', env: { ONLY: 'this' }, httpProxy: 'none' } })
  t.deepEqual(alone, ['ONLY=this'])
  const merged = environment({
    ...sources,
    image: ['B=in'],
    process: { envMerge: { B: ['$', '{B}-$PATH-$NONE'].join('') }, httpProxy: 'none' },
  })
  t.true(merged.includes('B=in-/bin-'))
})

test("the host's proxies win over the image's and are not unset with them, the caller's win over both", t => {
  const image = ['https_proxy=image', 'HTTPS_PROXY=image']
  t.true(environment({ ...sources, image }).includes('HTTPS_PROXY=http://proxy'))
  t.true(environment({ ...sources, image }).includes('https_proxy=image'))
  t.true(environment({ ...sources, process: { unsetEnv: 'all' } }).includes('HTTPS_PROXY=http://proxy'))
  t.true(environment({ ...sources, image, process: { env: { HTTPS_PROXY: 'mine' } } }).includes('HTTPS_PROXY=mine'))
})

test('the whole environment of the host only where the configuration says so', t => {
  const all = environment({ ...sources, takeHost: 'all' })
  t.true(all.includes('SECRET=of the host') && all.includes('PATH=/host'))
  t.false(environment(sources).some(line => line.startsWith('SECRET')))
})
