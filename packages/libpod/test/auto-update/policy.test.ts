import test from 'ava'
import { readPolicy, refuseUnfindable } from '../../src/auto-update/policy.ts'

test('the words of the label, and the old one', t => {
  const words = ['', 'disabled', 'image', 'registry', 'local']
  t.deepEqual(words.map(readPolicy), ['disabled', 'disabled', 'registry', 'registry', 'local'])
  for (const word of ['fake', 'constructor', 'Registry'])
    t.throws(() => readPolicy(word), {
      code: 'SPEC_INVALID',
      message: `invalid auto-update policy "${word}": valid policies are ["disabled" "image" "local" "registry"]`,
    })
})

test('an image that a registry is to be asked for says which registry', t => {
  const with_ = (image: string, policy: string) => ({ image, labels: { 'io.containers.autoupdate': policy } })
  for (const policy of ['registry', 'image']) {
    t.throws(() => refuseUnfindable(with_('shortname:latest', policy)), {
      message: 'short name: auto updates require fully-qualified image reference: "shortname:latest"',
    })
    t.throws(() => refuseUnfindable(with_('docker-archive:/x.tar', policy)), {
      message: 'auto updates require the docker image transport but image is of transport "docker-archive"',
    })
    t.notThrows(() => refuseUnfindable(with_('docker://quay.io/a/b', policy)))
    t.notThrows(() => refuseUnfindable(with_('localhost:5000/a/b:1', policy)))
  }
  t.notThrows(() => refuseUnfindable(with_('shortname', 'local')))
  t.notThrows(() => refuseUnfindable({ image: 'shortname' }))
})
