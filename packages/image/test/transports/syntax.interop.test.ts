import { run, tempDir } from '@libpod/test-kit'
import test from 'ava'
import {
  formatDockerReference,
  formatImageName,
  isImageError,
  parseImageName,
  type Reference,
  type Transport,
  transports,
} from '../../src/index.ts'

const hex = 'a'.repeat(64)
const digest = `sha256:${hex}`

/** Names, how they are written when nothing is left out, and the docker-style name of the image. */
const valid: readonly (readonly [string, string, string?])[] = [
  ['docker://busybox', 'docker://busybox:latest', 'docker.io/library/busybox:latest'],
  ['docker://example.com:5000/a/b:1', 'docker://example.com:5000/a/b:1', 'example.com:5000/a/b:1'],
  [`docker://busybox@${digest}`, `docker://busybox@${digest}`, `docker.io/library/busybox@${digest}`],
  ['docker://busybox@@unknown-digest@@', 'docker://busybox@@unknown-digest@@', 'docker.io/library/busybox'],
  ['dir:/a/b:c', 'dir:/a/b:c'],
  ['dir:', 'dir:.'],
  ['oci:/a', 'oci:/a:'],
  ['oci:/a:', 'oci:/a:'],
  ['oci:/a:b:c/d', 'oci:/a:b:c/d'],
  ['oci:a:1.0-x_y--z+w@v', 'oci:a:1.0-x_y--z+w@v'],
  ['oci:/a:@0', 'oci:/a:@0'],
  ['oci:/a:@12', 'oci:/a:@12'],
  ['oci-archive:/a.tar:b', 'oci-archive:/a.tar:b'],
  ['oci-archive:/a.tar:@3', 'oci-archive:/a.tar:@3'],
  ['docker-archive:/a.tar', 'docker-archive:/a.tar'],
  [
    'docker-archive:/a.tar:busybox',
    'docker-archive:/a.tar:docker.io/library/busybox:latest',
    'docker.io/library/busybox:latest',
  ],
  ['docker-archive:/a.tar:localhost/b:c', 'docker-archive:/a.tar:localhost/b:c', 'localhost/b:c'],
  ['docker-archive:/a.tar:@1', 'docker-archive:/a.tar:@1'],
  ['docker-daemon:busybox:1', 'docker-daemon:docker.io/library/busybox:1', 'docker.io/library/busybox:1'],
  [
    `docker-daemon:busybox@${digest}`,
    `docker-daemon:docker.io/library/busybox@${digest}`,
    `docker.io/library/busybox@${digest}`,
  ],
  [`docker-daemon:${digest}`, `docker-daemon:${digest}`],
  ['containers-storage:busybox', 'containers-storage:busybox', 'docker.io/library/busybox:latest'],
  [
    `containers-storage:busybox:1@${digest}`,
    `containers-storage:busybox:1@${digest}`,
    `docker.io/library/busybox:1@${digest}`,
  ],
  [`containers-storage:@${hex}`, `containers-storage:@${hex}`],
  [
    'containers-storage:[vfs@/a+/b:x=y,z=w]busybox',
    'containers-storage:[vfs@/a+/b:x=y,z=w]busybox',
    'docker.io/library/busybox:latest',
  ],
  ['tarball:/a:-:b', 'tarball:/a:-:b'],
]

for (const [text, whole, name] of valid) {
  test(`${text} is ${whole}`, t => {
    const reference = parseImageName(text)
    t.is(formatImageName(reference), whole)
    t.is(reference.dockerReference && formatDockerReference(reference.dockerReference), name)
    t.is(formatImageName(parseImageName(whole)), whole)
  })
}

const store = '[vfs@/nonexistent/a+/nonexistent/b]'

/** Names that are none, and containers/image's words for it. `later`: the installed skopeo is too old to have them. */
const invalid: readonly (readonly [string, string, 'later'?])[] = [
  ['', 'Invalid image name "", expected colon-separated transport:reference'],
  ['busybox', 'Invalid image name "busybox", expected colon-separated transport:reference'],
  ['nothing:x', 'Invalid image name "nothing:x", unknown transport "nothing"'],
  ['docker:busybox', 'docker: image reference busybox does not start with //'],
  ['docker://', 'invalid reference format'],
  ['docker://a b', 'invalid reference format'],
  ['docker://busybox:', 'invalid reference format'],
  ['docker://UP/a', 'invalid reference format: repository name must be lowercase'],
  ['docker://a/Up', 'invalid reference format: repository name must be lowercase'],
  [`docker://${hex}`, `invalid repository name (${hex}), cannot specify 64-byte hexadecimal strings`],
  [`docker://busybox:1@${digest}`, 'Docker references with both a tag and digest are currently not supported'],
  [
    'docker://busybox:1@@unknown-digest@@',
    'docker: image reference "docker.io/library/busybox:1@@unknown-digest@@" has unknown digest set but it contains either a tag or digest',
    'later',
  ],
  ['oci:/x:bad name', 'Invalid image bad name'],
  ['oci:/x:-bad', 'Invalid image -bad'],
  ['oci:/x:a..b', 'Invalid image a..b'],
  ['oci:/x:@-1', 'Invalid source index @-1: must not be negative', 'later'],
  ['oci:/x:@a', 'Invalid source index @a: not an integer: strconv.Atoi: parsing "a": invalid syntax', 'later'],
  ['oci-archive:/x:_bad', 'Invalid image _bad'],
  ['docker-archive:', "docker-archive reference  isn't of the form <path>[:<reference>]"],
  ['docker-archive:/x:', 'docker-archive parsing reference: invalid reference format'],
  [
    'docker-archive:/x:UPPER',
    'docker-archive parsing reference: invalid reference format: repository name must be lowercase',
  ],
  ['docker-archive:/x:@-1', 'Invalid source index @-1: must not be negative'],
  ['docker-archive:/x:@a', 'Invalid source index @a: strconv.Atoi: parsing "a": invalid syntax'],
  [
    'docker-archive:/x:@99999999999999999999',
    'Invalid source index @99999999999999999999: strconv.Atoi: parsing "99999999999999999999": value out of range',
  ],
  [`docker-archive:/x:busybox@${digest}`, `reference does not include a tag: docker.io/library/busybox@${digest}`],
  [
    `docker-archive:/x:busybox:1@${digest}`,
    `docker-archive doesn't support digest references: docker.io/library/busybox:1@${digest}`,
  ],
  ['docker-daemon:busybox', 'docker-daemon: reference busybox has neither a tag nor a digest'],
  [
    'docker-daemon:sha256:abc',
    'Invalid docker-daemon: reference sha256:abc: The sha256 repository name is reserved for (non-shortened) digest references',
  ],
  [
    `docker-daemon:busybox:1@${digest}`,
    'docker-daemon: references with both a tag and digest are currently not supported',
  ],
  [`docker-daemon:${hex}`, `invalid repository name (${hex}), cannot specify 64-byte hexadecimal strings`],
  ['containers-storage:[', 'invalid reference'],
  ['containers-storage:[]x', 'invalid reference'],
  ['containers-storage:[@/a]x', 'invalid reference'],
  ['containers-storage:[relative]x', 'path name is not absolute'],
  ['containers-storage:[vfs@relative]x', 'path name is not absolute'],
  ['containers-storage:[vfs@/a+relative]x', 'path name is not absolute'],
  [`containers-storage:${store}`, '"" is an empty reference: invalid reference'],
  [`containers-storage:${store}busybox@xyz`, '"xyz" does not look like an image ID or digest: invalid reference'],
  [`containers-storage:${store}busybox@`, 'empty trailing digest or ID in "busybox@": invalid reference'],
  [
    `containers-storage:${store}UPPER`,
    'parsing named reference "UPPER": invalid reference format: repository name must be lowercase',
  ],
]

for (const [text, message, later] of invalid) {
  test(`${JSON.stringify(text.slice(0, 130))} is refused in the words of the real tools`, async t => {
    const error = t.throws(() => parseImageName(text))
    t.true(isImageError(error, 'REFERENCE_INVALID', 'TRANSPORT_UNKNOWN'))
    t.is(error?.message, message)
    if (later === 'later' || text.includes('/nonexistent')) return
    const { code, stderr } = await run('skopeo', ['inspect', '--raw', text], { cwd: await tempDir(t) })
    t.not(code, 0)
    t.true(stderr.replaceAll('\\"', '"').includes(message), stderr)
  })
}

test('every transport of the table has a name of its own', t => {
  const names = transports.map(({ name }) => name)
  t.deepEqual(names, [...new Set(names)].sort())
})

test('a transport of a third party is one more object', t => {
  const made: string[] = []
  const mine: Transport = {
    name: 'mine',
    parse(text): Reference {
      made.push(text)
      return { transport: 'mine', text, policyScopes: [] }
    },
  }
  t.is(formatImageName(parseImageName('mine:a:b', [mine])), 'mine:a:b')
  t.deepEqual(made, ['a:b'])
  t.throws(() => parseImageName('mine:a:b'), { message: 'Invalid image name "mine:a:b", unknown transport "mine"' })
  // What is built in cannot be put in another's place.
  t.is(parseImageName('dir:/a', [{ ...mine, name: 'dir' }]).transport, 'dir')
})

test('hostile names of a megabyte are refused, and soon', t => {
  const pieces = ['a', 'a-', 'a.', 'a/', 'a:', 'a@', '[', '@', 'A', '--', '_', '__a', '\u001b', '\ud800']
  for (const { name } of transports) {
    for (const piece of pieces) {
      const text = piece.repeat(1_000_000 / piece.length)
      for (const ending of ['', '!', ':']) {
        const parse = () => parseImageName(`${name}:${name === 'docker' ? '//' : ''}${text}${ending}`)
        // Paths may be anything: the file system is who refuses them.
        try {
          t.true(parse().policyScopes.length < 10)
        } catch (error) {
          t.true(isImageError(error, 'REFERENCE_INVALID'), String(error).slice(0, 300))
        }
      }
    }
  }
  t.pass()
})
