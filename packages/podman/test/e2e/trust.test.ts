import { generateKeyPairSync, sign } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { generateCosignKey } from '@libpod/image'
import { output, plainEnvironment, run, startRegistry } from '@libpod/test-kit'
import test, { type ExecutionContext } from 'ava'
import { busybox, type Cli, openCli, openCliWithBusybox } from './cli.ts'

const insecure = '--tls-verify=false'

test('image trust set and show write and say what Podman does', async t => {
  const cli = await openCli(t, 'trust')
  const say = async (program: 'ours' | 'podman') => {
    const policy = join(cli.directory, `${program}.json`)
    const steps = [
      ['set', '--type=bogus', 'default'],
      ['set', '--type=reject', 'docker.io'],
      ['set', '--type=accept', 'default'],
      ['set', '--type=reject', 'docker.io'],
      ['set', '--type=accept', 'docker.io'],
      ['set', '--type=reject', 'quay.io/team'],
      ['set', '--type=sigstoreSigned', '-f', '/etc/hostname', 'quay.io/team/app'],
      ['set', '--type=signedBy', 'quay.io/team/app'],
      ['set', '--type=accept', '-f', '/etc/hostname', 'quay.io/team/app'],
      ['set', '--type=reject', 'localhost:5000/a@b'],
      ['show'],
      ['show', '--noheading'],
      ['show', '--json'],
      ['show', '--raw'],
    ]
    const said: unknown[] = []
    for (const [verb = '', ...rest] of steps) {
      const args = ['image', 'trust', verb, '--policypath', policy, ...rest]
      const { code, stdout, stderr } = await (program === 'ours' ? cli.run(args) : run('podman', args))
      said.push({ verb, rest, code, stdout, stderr })
    }
    return { said, text: await readFile(policy, 'utf8') }
  }
  t.deepEqual(await say('ours'), await say('podman'))
})

test('image trust set keeps transports in order and refuses what names no registry; show warns of what is never met', async t => {
  const cli = await openCli(t, 'trust-rare')
  const path = join(cli.directory, 'policy.json')
  const reject = [{ type: 'reject' }]
  const base = [{ type: 'signedBaseLayer', baseLayerIdentity: { type: 'matchRepository' } }]
  const unread = [{ type: 'signedBy', keyType: 'GPGKeys', keyPaths: ['/nowhere/a', '/nowhere/b'] }]
  const transports = {
    oci: { '': reject },
    docker: { 'b.example.com': base, 'a.example.com': unread },
    dir: { '': reject },
  }
  await writeFile(path, JSON.stringify({ transports, default: reject }))
  const trust = (verb: string, ...args: string[]) => cli.run(['image', 'trust', verb, '--policypath', path, ...args])
  for (const scope of ['', 'a b', 'x:y', 'a.example.com:80x/y', '*.example.com', '[::1]:5000', 'me@host', 'x#y']) {
    const { code, stderr } = await trust('set', '--type', 'accept', '--', scope)
    t.deepEqual([code, stderr.startsWith(`Error: invalid image uri: ${scope}`)], [125, true], stderr)
  }
  t.is((await trust('set', '--type', 'accept', 'c.example.com:5000/team')).code, 0)
  const written = JSON.parse(await readFile(path, 'utf8'))
  t.deepEqual(Object.keys(written.transports), ['dir', 'docker', 'oci'])
  t.deepEqual(Object.keys(written.transports.docker), ['a.example.com', 'b.example.com', 'c.example.com:5000/team'])
  const shown = await trust('show', '--noheading')
  t.is(shown.code, 0, shown.stderr)
  t.is(shown.stdout.trim().split('\n').length, 6)
  for (const warning of [
    'Getting key identity: reading key /nowhere/a',
    '/nowhere/b',
    'Invalid trust type signedBaseLayer',
  ])
    t.true(shown.stderr.includes(warning), shown.stderr)
  await writeFile(path, '{')
  t.regex((await trust('show')).stderr, /^Error: could not show trust policies: /)
  t.regex((await trust('set', '--type', 'accept', 'default')).stderr, /^Error: could not read trust policies/)
  const elsewhere = ['image', 'trust', 'set', '--policypath', '/nowhere/policy.json', '--type', 'accept', 'default']
  t.regex((await cli.run(elsewhere)).stderr, /^Error: cannot write \/nowhere\/policy.json: /)
})

/** A GnuPG home with a key of its own, and a policy directory that belongs to nobody else. */
interface Signer {
  readonly env: Readonly<Record<string, string>>
  readonly publicKey: string
}

async function makeSigner(t: ExecutionContext, directory: string): Promise<Signer> {
  const home = join(directory, 'home')
  // Not the home's own .gnupg: gpg would look for its agent in /run/user, where all such homes have one.
  const gnupg = join(directory, 'gnupg')
  await mkdir(join(home, '.config/containers/registries.d'), { recursive: true })
  await mkdir(gnupg, { mode: 0o700 })
  const env = { ...plainEnvironment, HOME: home, GNUPGHOME: gnupg }
  const key = ['--batch', '--passphrase', '', '--quick-gen-key', 'Signer <signer@example.com>', 'rsa2048']
  await output('gpg', key, { env })
  t.teardown(() => run('gpgconf', ['--kill', 'all'], { env }))
  const publicKey = join(directory, 'signer.gpg')
  await writeFile(publicKey, await output('gpg', ['--armor', '--export', 'signer@example.com'], { env }))
  const signatures = join(directory, 'signatures')
  await writeFile(
    join(home, '.config/containers/registries.d/default.yaml'),
    `default-docker:\n  lookaside: file://${signatures}\n  use-sigstore-attachments: true\n`,
  )
  return { env, publicKey }
}

async function policyFile(directory: string, name: string, requirements: readonly object[]): Promise<string> {
  const path = join(directory, `${name}.json`)
  await writeFile(path, JSON.stringify({ default: requirements }))
  return path
}

const skopeoCopy = (policy: string, image: string, target: string) =>
  [
    '--policy',
    policy,
    'copy',
    '-q',
    '--src-tls-verify=false',
    '--remove-signatures',
    `docker://${image}`,
    `dir:${target}`,
  ] as const

test('image trust show tells whose keys a scope wants and where its signatures are', async t => {
  const cli = await openCli(t, 'trust-keys')
  const { env, publicKey } = await makeSigner(t, cli.directory)
  const policy = join(cli.directory, 'policy.json')
  const trust = async (...args: string[]) => {
    const { code, stdout, stderr } = await cli.run(['image', 'trust', ...args], { env })
    t.is(code, 0, stderr)
    return stdout
  }
  await trust('set', '--policypath', policy, '--type', 'reject', 'default')
  await trust('set', '--policypath', policy, '--pubkeysfile', publicKey, 'registry.example.com/team')
  const rows = JSON.parse(await trust('show', '--policypath', policy, '--json'))
  const sigstore = `file://${join(cli.directory, 'signatures')}`
  t.deepEqual(rows, [
    { transport: 'all', name: '* (default)', repo_name: 'default', sigstore, type: 'reject' },
    {
      transport: 'repository',
      name: 'registry.example.com/team',
      repo_name: 'registry.example.com/team',
      sigstore,
      type: 'signed',
      gpg_id: 'signer@example.com',
    },
  ])
})

test('a signature made while pushing is accepted by skopeo, Podman and ourselves; what is not signed is not', async t => {
  const cli = await openCliWithBusybox(t, 'sign-push')
  const registry = await startRegistry(t)
  const { env, publicKey } = await makeSigner(t, cli.directory)
  const signed = `${registry.host}/signed:1`
  const bare = `${registry.host}/bare:1`
  const push = await cli.run(['push', '-q', insecure, '--sign-by', 'signer@example.com', busybox, signed], { env })
  t.is(push.code, 0, push.stderr)
  await cli.ok('push', '-q', insecure, busybox, bare)
  const policy = await policyFile(cli.directory, 'gpg', [{ type: 'signedBy', keyType: 'GPGKeys', keyPath: publicKey }])
  await cli.ok('rmi', '--all')
  for (const [image, verdict] of [
    [signed, 0],
    [bare, 125],
  ] as const) {
    const ours = await cli.run(['pull', '-q', insecure, '--signature-policy', policy, image], { env })
    t.is(ours.code, verdict, ours.stderr)
    const skopeo = await run('skopeo', skopeoCopy(policy, image, join(cli.directory, `s${verdict}`)), { env })
    t.is(skopeo.code === 0, verdict === 0, skopeo.stderr)
    const theirs = ['--root', join(cli.directory, 'peer'), '--runroot', join(cli.directory, 'peer-run')]
    const podman = await run(
      'podman',
      [...theirs, '--storage-driver', 'vfs', 'pull', '-q', insecure, '--signature-policy', policy, image],
      { env },
    )
    t.is(podman.code, verdict, podman.stderr)
    if (verdict === 125) t.regex(ours.stderr, /A signature was required, but no signature exists/)
  }
  t.deepEqual((await cli.ok('images', '--format', '{{.Repository}}')).split('\n'), [`${registry.host}/signed`])
})

test('a wrong policy file, an unreadable key and the other key leave nothing in the store', async t => {
  const cli = await openCliWithBusybox(t, 'refuse')
  const registry = await startRegistry(t)
  const { env } = await makeSigner(t, cli.directory)
  const image = `${registry.host}/signed:1`
  await cli.run(['push', '-q', insecure, '--sign-by', 'signer@example.com', busybox, image], { env })
  await cli.ok('rmi', '--all')
  const other = await makeSigner(t, await subdirectory(cli, 'other'))
  const signedBy = { type: 'signedBy', keyType: 'GPGKeys' }
  const policies = {
    other: [{ ...signedBy, keyPath: other.publicKey }],
    missing: [{ ...signedBy, keyPath: '/nowhere/key.gpg' }],
    unknown: [{ type: 'believeMe' }],
    reject: [{ type: 'reject' }],
    base: [{ type: 'signedBaseLayer', baseLayerIdentity: { type: 'matchExact' } }],
  }
  for (const [name, requirements] of Object.entries(policies)) {
    const policy = await policyFile(cli.directory, name, requirements)
    for (const command of ['pull', 'run'] as const) {
      const more = command === 'run' ? ['--network', 'none'] : []
      const last = command === 'run' ? ['true'] : []
      const args = [command, '-q', insecure, '--signature-policy', policy, ...more, image, ...last]
      const { code, stderr } = await cli.run(args, { env })
      t.is(code, 125, `${name}: ${stderr}`)
    }
  }
  t.is(await cli.ok('images', '--all', '-q'), '')
  t.is(await cli.ok('ps', '--all', '-q'), '')
})

async function subdirectory(cli: Cli, name: string): Promise<string> {
  const path = join(cli.directory, name)
  await mkdir(path)
  return path
}

test('of an index, both it and the image chosen from it must be signed', async t => {
  const cli = await openCliWithBusybox(t, 'index')
  const registry = await startRegistry(t)
  const { env, publicKey } = await makeSigner(t, cli.directory)
  const policy = await policyFile(cli.directory, 'gpg', [
    { type: 'signedBy', keyType: 'GPGKeys', keyPath: publicKey, signedIdentity: { type: 'matchRepository' } },
  ])
  await cli.ok('manifest', 'create', 'list', `containers-storage:${busybox}`)
  const sign = async (image: string, ...more: string[]) => {
    const home = ['image', 'sign', '--sign-by', 'signer@example.com', insecure, ...more, `docker://${image}`]
    const { code, stderr } = await cli.run(home, { env })
    t.is(code, 0, stderr)
  }
  const images = { neither: [], index: [[]], instance: [['--all']], both: [[], ['--all']] }
  const verdicts: Record<string, readonly boolean[]> = {}
  for (const [name, signings] of Object.entries(images)) {
    const image = `${registry.host}/${name}:1`
    await cli.ok('manifest', 'push', '-q', insecure, 'list', image)
    for (const more of signings) await sign(image, ...more)
    const ours = await cli.run(['pull', '-q', insecure, '--signature-policy', policy, image], { env })
    const theirs = await run('skopeo', skopeoCopy(policy, image, join(cli.directory, name)), { env })
    verdicts[name] = [ours.code === 0, theirs.code === 0]
  }
  t.deepEqual(verdicts, {
    neither: [false, false],
    index: [false, false],
    // Here skopeo never asks about the index: who may not say what is in it may still choose among what others signed.
    instance: [false, true],
    both: [true, true],
  })
})

test('image sign keeps a signature beside those there are, which gpg verifies', async t => {
  const cli = await openCliWithBusybox(t, 'sign')
  const { env } = await makeSigner(t, cli.directory)
  const directory = await subdirectory(cli, 'kept')
  const sign = (...args: string[]) => cli.run(['image', 'sign', ...args], { env })
  const by = ['--sign-by', 'signer@example.com', '--directory', directory]
  for (let times = 0; times < 2; times++) {
    const { code, stderr } = await sign(...by, `containers-storage:${busybox}`)
    t.is(code, 0, stderr)
  }
  const digest = await cli.ok('inspect', '--format', '{{.Digest}}', busybox)
  for (const file of ['signature-1', 'signature-2']) {
    const path = join(directory, `busybox@${digest.replace(':', '=')}`, file)
    t.regex((await run('gpg', ['--verify', path], { env })).stderr, /Good signature from "Signer <signer@example.com>"/)
  }
  for (const [args, message] of [
    [[`containers-storage:${busybox}`], /no identity provided/],
    [['--authfile', '/nonexistent', busybox], /credential file is not accessible: faccessat .nonexistent/],
    [
      ['--sign-by', 'x', '--directory', join(directory, 'no'), `containers-storage:${busybox}`],
      /no such file or directory/,
    ],
    [[...by, '--all', `containers-storage:${busybox}`], /is not a multi-architecture image/],
    [[...by, 'busybox'], /expected colon-separated transport:reference/],
    [
      ['--sign-by', 'nobody@example.com', `containers-storage:${busybox}`],
      /gpg failed: gpg: skipped "nobody@example.com": No secret key; gpg: signing failed/,
    ],
  ] as const) {
    const { code, stderr } = await sign(...args)
    t.is(code, 125)
    t.regex(stderr, message)
  }
})

const passphrase = 'correct horse'

/** A key pair of sigstore in files, and a policy that wants it. */
async function sigstoreKey(directory: string) {
  const { privateKey, publicKey } = generateCosignKey(passphrase)
  const file = (name: string): string => join(directory, name)
  await writeFile(file('cosign.key'), privateKey.replaceAll('SIGSTORE', 'COSIGN'), { mode: 0o600 })
  await writeFile(file('cosign.pub'), publicKey)
  await writeFile(file('passphrase'), `${passphrase}\nsecond line\n`)
  const requirement = {
    type: 'sigstoreSigned',
    keyPath: file('cosign.pub'),
    signedIdentity: { type: 'matchRepository' },
  }
  return { key: file('cosign.key'), passphraseFile: file('passphrase'), requirement }
}

test("a sigstore signature made while pushing is openssl's to verify, and accepted with its key only", async t => {
  const cli = await openCliWithBusybox(t, 'sigstore')
  const registry = await startRegistry(t)
  const { env } = await makeSigner(t, cli.directory)
  const { key, passphraseFile, requirement } = await sigstoreKey(cli.directory)
  const mine = await policyFile(cli.directory, 'mine', [requirement])
  const other = await policyFile(cli.directory, 'other', [
    (await sigstoreKey(await subdirectory(cli, 'other'))).requirement,
  ])
  const image = `${registry.host}/app:1`
  const digestFile = join(cli.directory, 'digest')
  const signing = ['--sign-by-sigstore-private-key', key, '--sign-passphrase-file', passphraseFile]
  const push = await cli.run(['push', '-q', insecure, ...signing, '--digestfile', digestFile, busybox, image], { env })
  t.is(push.code, 0, push.stderr)
  const pull = async (policy: string) => cli.run(['pull', '-q', insecure, '--signature-policy', policy, image], { env })
  const accepted = await pull(mine)
  t.is(accepted.code, 0, accepted.stderr)
  t.is((await pull(other)).code, 125)
  // The attachment as another program finds it: an image of the tag that cosign made customary.
  const digest = await readFile(digestFile, 'utf8')
  const attached = join(cli.directory, 'attached')
  const from = `docker://${registry.host}/app:${digest.replace(':', '-')}.sig`
  await output('skopeo', ['--insecure-policy', 'copy', '-q', '--src-tls-verify=false', from, `dir:${attached}`])
  const { layers } = JSON.parse(await readFile(join(attached, 'manifest.json'), 'utf8'))
  const payload = join(attached, layers[0].digest.slice('sha256:'.length))
  t.is(JSON.parse(await readFile(payload, 'utf8')).critical.image['docker-manifest-digest'], digest)
  const signature = join(cli.directory, 'signature')
  await writeFile(signature, Buffer.from(layers[0].annotations['dev.cosignproject.cosign/signature'], 'base64'))
  const verify = ['dgst', '-sha256', '-verify', requirement.keyPath, '-signature', signature, payload]
  t.is(await output('openssl', verify), 'Verified OK\n')
})

/** A log like Rekor's, for one test: it promises to keep what it is told. */
async function startLog(t: ExecutionContext) {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const server: Server = createServer(async (request, response) => {
    const body = Buffer.concat(await Array.fromAsync(request as AsyncIterable<Buffer>))
    const entry = { body: body.toString('base64'), integratedTime: 1_700_000_000, logID: 'ab', logIndex: 7 }
    const signedEntryTimestamp = sign('sha256', Buffer.from(JSON.stringify(entry)), privateKey).toString('base64')
    response.writeHead(201, { 'content-type': 'application/json' })
    response.end(
      JSON.stringify({
        [request.url === '/api/v1/log/entries' ? 'uuid' : '']: { ...entry, verification: { signedEntryTimestamp } },
      }),
    )
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => void server.close())
  const key = publicKey.export({ format: 'pem', type: 'spki' }).toString()
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, key }
}

test('a sigstore parameter file: its key, its passphrase and the log that the signature is shown to', async t => {
  const cli = await openCliWithBusybox(t, 'parameters')
  const registry = await startRegistry(t)
  const { env } = await makeSigner(t, cli.directory)
  const { key, passphraseFile, requirement } = await sigstoreKey(cli.directory)
  const log = await startLog(t)
  const parameters = async (text: string): Promise<string> => {
    const path = join(cli.directory, 'parameters.yaml')
    await writeFile(path, text)
    return path
  }
  const usual = `privateKeyFile: ${key}\nprivateKeyPassphraseFile: ${passphraseFile}\n`
  const push = async (text: string, name: string) =>
    cli.run(
      ['push', '-q', insecure, '--sign-by-sigstore', await parameters(text), busybox, `${registry.host}/${name}:1`],
      {
        env,
      },
    )
  const logged = await push(`${usual}rekorURL: ${log.url}\n`, 'logged')
  t.is(logged.code, 0, logged.stderr)
  t.is((await push(usual, 'unlogged')).code, 0)
  const rekorPublicKeyData = Buffer.from(log.key).toString('base64')
  const policy = await policyFile(cli.directory, 'logged', [{ ...requirement, rekorPublicKeyData }])
  const pull = (name: string) =>
    cli.run(['pull', '-q', insecure, '--signature-policy', policy, `${registry.host}/${name}:1`], { env })
  t.is((await pull('logged')).code, 0)
  const unlogged = await pull('unlogged')
  t.is(unlogged.code, 125)
  t.regex(unlogged.stderr, /missing dev.sigstore.cosign\/bundle annotation/)
  for (const [text, message] of [
    ['fulcio:\n  fulcioURL: https://fulcio.example.com\n', /fulcio: .*not supported/],
    ['surprise: 1\n', /field surprise not found/],
    ['{}', /missing required field privateKeyFile or fulcio/],
    [`privateKeyFile: /nowhere\nprivateKeyPassphraseFile: ${passphraseFile}\n`, /no such file or directory/],
  ] as const) {
    const { code, stderr } = await push(text, 'refused')
    t.is(code, 125)
    t.regex(stderr, message)
  }
})

test('options that cannot be honoured are refused before anything is sent', async t => {
  const cli = await openCliWithBusybox(t, 'unsupported')
  for (const [args, message] of [
    [['push', '--encryption-key', 'jwe:/k', busybox, 'dir:/nowhere'], /encrypting images is not supported/],
    [['push', '--sign-by-sq-fingerprint', 'ab', busybox, 'dir:/nowhere'], /Sequoia-PGP is not supported/],
    [['push', '--compression-format', 'lzma', busybox, 'dir:/nowhere'], /cannot find compressor for "lzma"/],
    [['pull', '--decryption-key', '/k', 'localhost/x'], /encrypted images are not supported/],
    [
      ['push', '--sign-by', 'a', '--sign-by-sigstore-private-key', 'b', '--sign-passphrase-file', 'c', busybox],
      /only one of --sign-by, --sign-by-sq-fingerprint and --sign-by-sigstore-private-key/,
    ],
  ] as const) {
    const { code, stderr } = await cli.run(args)
    t.is(code, 125)
    t.regex(stderr, message)
  }
})
