import test from 'ava'
import {
  familiarReference,
  formatDockerReference,
  isImageError,
  isShortName,
  parseDockerReference,
  withDefaultTag,
} from '../../src/index.ts'

const hex = 'a'.repeat(64)

const valid: readonly (readonly [string, string, string])[] = [
  ['busybox', 'docker.io/library/busybox', 'busybox'],
  ['busybox:1.36', 'docker.io/library/busybox:1.36', 'busybox:1.36'],
  ['user/app', 'docker.io/user/app', 'user/app'],
  ['index.docker.io/user/app', 'docker.io/user/app', 'user/app'],
  ['localhost/app:x', 'localhost/app:x', 'localhost/app:x'],
  ['localhost:5000/app', 'localhost:5000/app', 'localhost:5000/app'],
  ['example.com/a/b__c/d-e', 'example.com/a/b__c/d-e', 'example.com/a/b__c/d-e'],
  [`example.com/app:1@sha256:${hex}`, `example.com/app:1@sha256:${hex}`, `example.com/app:1@sha256:${hex}`],
  ['[::1]:5000/app', '[::1]:5000/app', '[::1]:5000/app'],
  ['EXAMPLE.com/app', 'EXAMPLE.com/app', 'EXAMPLE.com/app'],
  ['docker.io/library/busybox', 'docker.io/library/busybox', 'busybox'],
]

for (const [text, full, familiar] of valid) {
  test(`${text} is ${full}`, t => {
    const reference = parseDockerReference(text)
    t.is(formatDockerReference(reference), full)
    t.is(familiarReference(reference), familiar)
    t.deepEqual(parseDockerReference(full), reference)
  })
}

const invalid: readonly (readonly [string, string])[] = [
  ['', 'invalid reference format'],
  ['User/App', 'invalid reference format: repository name must be lowercase'],
  ['USER/app', 'invalid reference format: repository name must be lowercase'],
  ['user/App', 'invalid reference format: repository name must be lowercase'],
  ['a//b', 'invalid reference format'],
  ['a/', 'invalid reference format'],
  ['a:', 'invalid reference format'],
  ['a:b:c', 'invalid reference format'],
  ['a@b@c', 'invalid reference format'],
  ['https://example.com/a', 'invalid reference format'],
  ['a b', 'invalid reference format'],
  ['../a', 'invalid reference format'],
  ['a/../b', 'invalid reference format'],
  [`a@sha256:${hex.slice(1)}`, 'invalid checksum digest length'],
  [`a@sha256:../../${hex}`, 'invalid reference format'],
  [`a@md5:${hex.slice(32)}`, 'unsupported digest algorithm'],
  [hex, `invalid repository name (${hex}), cannot specify 64-byte hexadecimal strings`],
  ['a'.repeat(256), 'repository name must not be more than 255 characters'],
]

for (const [text, message] of invalid) {
  test(`${JSON.stringify(text.slice(0, 40))} is refused: ${message.slice(0, 50)}`, t => {
    const error = t.throws(() => parseDockerReference(text))
    t.true(isImageError(error, 'REFERENCE_INVALID'))
    t.is(error?.message, message)
  })
}

test('a default tag is added only where neither tag nor digest is', t => {
  t.is(withDefaultTag(parseDockerReference('a')).tag, 'latest')
  t.is(withDefaultTag(parseDockerReference('a:b')).tag, 'b')
  t.is(withDefaultTag(parseDockerReference(`a@sha256:${hex}`)).tag, undefined)
})

test('short names are those without a registry', t => {
  const short = ['busybox', 'user/app', 'busybox:5000', `busybox@sha256:${hex}`]
  const long = ['localhost/app', 'example.com/app', 'host:5000/app']
  t.deepEqual(
    short.map(isShortName),
    short.map(() => true),
  )
  t.deepEqual(
    long.map(isShortName),
    long.map(() => false),
  )
})

test('hostile names are refused in one pass: in more, the test would outlive its time', t => {
  const hostile = ['a-', 'a.', 'a/', 'a_', '@', ':', 'a:', 'a@sha256:'].flatMap(part => {
    const long = part.repeat(1_000_000)
    return [long, `${long}!`, `x/${long}/`]
  })
  for (const text of hostile) t.throws(() => parseDockerReference(text))
})
