import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { busyboxRootfs, hostCanary, output, tempDir } from '@libpod/test-kit'
import test, { type ExecutionContext } from 'ava'
import type { Engine } from '../../src/index.ts'
import { image, network, openTestEngine, printed, setVariable } from './engine.ts'

/** An image of a busybox root that was changed before it was packed. */
async function importChanged(
  t: ExecutionContext,
  engine: Engine,
  { change, name, changes = [] }: { change: (root: string) => void; name: string; changes?: readonly string[] },
): Promise<string> {
  const directory = await tempDir(t, 'odd')
  const root = await busyboxRootfs(join(directory, 'root'))
  change(root)
  const tar = join(directory, 'root.tar')
  await output('tar', ['-C', root, '--owner=0', '--group=0', '-cf', tar, '.'])
  await engine.images.import(tar, { name, changes: ['ENV PATH=/bin', ...changes] })
  return name
}

test('users and groups without an entry get one, unless told not to', async t => {
  const engine = await openTestEngine(t, 'accounts')
  const id = 'id -un 2>&1; id -gn 2>&1; echo $HOME; tail -n1 /etc/passwd; tail -n1 /etc/group'
  t.is(
    await printed(engine, id, { process: { user: '4321:99', workdir: '/tmp' } }),
    ['4321', '99', '/tmp', '4321:*:4321:99:container user:/tmp:/bin/sh', '99:x:99:4321'].join('\n'),
  )
  const template = { passwdEntry: '$USERNAME:x:$UID:$GID:me:$HOME:/bin/ash', groupEntry: 'mine:x:$GID:$USERLIST' }
  const seen = await printed(engine, id, { process: { user: '4321:99', ...template } })
  t.deepEqual(seen.split('\n').slice(-2), ['4321:x:4321:99:me:/:/bin/ash', 'mine:x:99:4321'])
  t.regex(await printed(engine, 'tail -n1 /etc/passwd', { process: { user: '4321', passwd: 'leave' } }), /^guest:/)
  const sealed = { mounts: { rootfs: { readonly: 'yes' as const } } }
  t.is(await printed(engine, 'id -un', { ...sealed, process: { user: '4321' } }), '4321')
  const host = await printed(engine, 'id -un; echo $HOME', { process: { hostUsers: ['daemon', 'bin'], user: 'bin' } })
  t.is(host, 'bin\n/', 'a host user, whose home is not there')
  await t.throwsAsync(printed(engine, 'true', { process: { hostUsers: ['no-such-user'] } }), {
    message: /unknown user no-such-user/,
  })
})

test('a passwd file that the caller mounts is the one that counts', async t => {
  const engine = await openTestEngine(t, 'own-passwd')
  const directory = await tempDir(t, 'passwd')
  writeFileSync(join(directory, 'passwd'), 'root:x:0:0::/:/bin/sh\nnew:x:77:78::/tmp:/bin/sh\n')
  const bind = { kind: 'bind' as const, source: join(directory, 'passwd'), destination: '/etc/passwd', options: [] }
  t.is(
    await printed(engine, 'id -u; id -g; echo $HOME', { process: { user: 'new' }, mounts: { mounts: [bind] } }),
    '77\n78\n/tmp',
  )
})

test('the time zone is a copy of the host file, or a link where the image has it', async t => {
  const engine = await openTestEngine(t, 'zone')
  const zones = await tempDir(t, 'zoneinfo')
  // A fixed offset, so that the test needs no package of time zones: TZif version 1 with one type, UTC+5.
  const head = Buffer.concat([Buffer.from('TZif'), Buffer.alloc(16), Buffer.from([...[0, 0, 0, 0], ...[0, 0, 0, 0]])])
  const counts = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 4])
  const type = Buffer.from([0, 0, 0x46, 0x50, 0, 0])
  writeFileSync(join(zones, 'Test'), Buffer.concat([head, counts, type, Buffer.from('XYZ\0')]))
  setVariable(t, 'TZDIR', zones)
  const expected = readFileSync(join(zones, 'Test')).toString('hex')
  const spec = { process: { timezone: 'Test' } }
  t.is(await printed(engine, 'od -An -v -tx1 /etc/localtime | tr -d " \\n"', spec), expected)
  const name = await importChanged(t, engine, {
    name: 'localhost/zones:1',
    change: root => {
      mkdirSync(join(root, zones), { recursive: true })
      writeFileSync(join(root, zones, 'Test'), 'of the image')
    },
  })
  t.is(
    await printed(engine, 'readlink /etc/localtime; cat /etc/localtime', { ...spec, image: name }),
    `..${zones}/Test\nof the image`,
  )
  await t.throwsAsync(
    engine.containers.create({ image, network, process: { command: ['true'], timezone: 'No/Such' } }),
    {
      message: /finding timezone/,
    },
  )
})

test('a link that is not to be followed is a link in the container, made within its root', async t => {
  const engine = await openTestEngine(t, 'no-dereference')
  const directory = await tempDir(t, 'links')
  writeFileSync(join(directory, 'data'), 'of the host')
  symlinkSync('data', join(directory, 'link'))
  const name = await importChanged(t, engine, {
    name: 'localhost/links:1',
    change: root => {
      mkdirSync(join(root, 'there'))
      writeFileSync(join(root, 'there/data'), 'of the image')
      symlinkSync(directory, join(root, 'out'))
    },
  })
  const bind = (source: string, destination: string, ...options: string[]) =>
    ({ kind: 'bind', source: join(directory, source), destination, options }) as const
  const cat = (path: string, mount: ReturnType<typeof bind>) =>
    printed(engine, `readlink ${path}; cat ${path}`, { image: name, mounts: { mounts: [mount] } })
  t.is(await cat('/there/link || echo none', bind('link', '/there/link')), 'none\nof the host')
  t.is(await cat('/there/link', bind('link', '/there/link', 'no-dereference')), 'data\nof the image')
  t.is(await cat('/there/data || echo none', bind('data', '/there/data', 'no-dereference')), 'none\nof the host')
  const script = 'readlink /not/there/yet'
  const deep = { image: name, mounts: { mounts: [bind('link', '/not/there/yet', 'no-dereference')] } }
  t.is(await printed(engine, script, deep), 'data')
  const astray = { image: name, mounts: { mounts: [bind('link', '/out/escaped', 'no-dereference')] } }
  await printed(engine, 'true', astray)
  t.false(readdirSync(directory).includes('escaped'))
})

test('/etc/mtab is there, and an own one stays', async t => {
  const engine = await openTestEngine(t, 'mtab')
  t.is(await printed(engine, 'readlink /etc/mtab'), '/proc/mounts')
  const name = await importChanged(t, engine, {
    name: 'localhost/mtab:1',
    change: root => writeFileSync(join(root, 'etc/mtab'), 'own'),
  })
  t.is(await printed(engine, 'cat /etc/mtab', { image: name }), 'own')
})

test('the working directory of an image is made for its user; one that is named must be there', async t => {
  const engine = await openTestEngine(t, 'workdir')
  const name = await importChanged(t, engine, {
    name: 'localhost/workdir:1',
    change: root => symlinkSync('/nowhere', join(root, 'dangling')),
    changes: ['WORKDIR /a/b/c', 'USER guest'],
  })
  t.is(await printed(engine, 'pwd; stat -c %u:%g /a/b /a/b/c', { image: name }), '/a/b/c\n0:0\n1000:1000')
  const refused = (workdir: string) => printed(engine, 'pwd', { process: { workdir } })
  await t.throwsAsync(refused('/no/such'), { message: /workdir "\/no\/such" does not exist on container/ })
  await t.throwsAsync(refused('/etc/passwd'), { message: /exists on container .*, but is not a directory/ })
  const volume = { kind: 'volume' as const, destination: '/vol', options: [] }
  t.is(await printed(engine, 'pwd', { process: { workdir: '/vol/x' }, mounts: { mounts: [volume] } }), '/vol/x')
})

// CVE-2026-55686, CVE-2026-41579: what an image has at a path is never followed out of its root.
test('links of a hostile image lead nowhere on the host', async t => {
  const engine = await openTestEngine(t, 'links')
  const outside = await tempDir(t, 'outside')
  const canary = await hostCanary(outside)
  const name = await importChanged(t, engine, {
    name: 'localhost/links:1',
    change: root => {
      for (const place of ['dev', 'proc', 'sys']) {
        rmSync(join(root, place), { recursive: true })
        symlinkSync(outside, join(root, place))
      }
      symlinkSync(outside, join(root, 'w'))
      for (const file of ['passwd', 'group', 'localtime', 'mtab', 'hosts', 'hostname']) {
        rmSync(join(root, 'etc', file), { force: true })
        symlinkSync(canary.path, join(root, 'etc', file))
      }
    },
    changes: ['WORKDIR /w/made', 'USER 4321:4321'],
  })
  t.is(
    await printed(engine, 'pwd; ls -d /dev/null /proc/self /sys/kernel', { image: name }),
    [`${outside}/made`, ...['/dev/null', '/proc/self', '/sys/kernel']].join('\n'),
  )
  t.true(await canary.isUnharmed())
  t.deepEqual((await output('ls', ['-A', outside])).trim(), 'canary')
})

// CVE-2024-9676, CVE-2026-47262
test('account files that are no plain small files are refused or not read', async t => {
  const engine = await openTestEngine(t, 'passwd-kinds')
  const kinds = {
    fifo: (path: string) => output('mkfifo', [path]),
    device: (path: string) => output('mknod', [path, 'c', '1', '5']),
    link: async (path: string) => symlinkSync('/dev/zero', path),
    huge: (path: string) => output('truncate', ['-s', '5G', path]),
  }
  for (const [kind, make] of Object.entries(kinds)) {
    const directory = await tempDir(t, kind)
    const rootfs = await busyboxRootfs(join(directory, 'root'))
    rmSync(join(rootfs, 'etc/passwd'))
    await make(join(rootfs, 'etc/passwd'))
    const process = { command: ['/bin/true'], user: '5' }
    const run = engine.containers.run({ network, rootfs: { path: rootfs, overlay: 'none' }, process })
    if (kind === 'link') {
      // Followed within the root, where some runtimes miss the file and others do not need it.
      const ended = run.then(async container => {
        await using _ = container
        return await container.exited
      })
      t.is(await ended.catch(() => 0), 0)
    } else await t.throwsAsync(run, { message: kind === 'huge' ? /larger than/ : /no regular file/ }, kind)
  }
})

// CVE-2022-23648 and its kin: what is asked for inside a volume or image stays inside.
test('a path inside a volume or image is followed within it only', async t => {
  const engine = await openTestEngine(t, 'subpath')
  const outside = await tempDir(t, 'outside')
  writeFileSync(join(outside, 'secret'), 'of the host')
  const { name: volume, mountPoint } = await engine.volumes.create({ name: 'data' })
  mkdirSync(join(mountPoint, 'deep/er'), { recursive: true })
  writeFileSync(join(mountPoint, 'deep/er/file'), 'of the volume')
  symlinkSync(outside, join(mountPoint, 'leak'))
  symlinkSync('/deep', join(mountPoint, 'link'))
  const at = (subPath: string, destination = '/x') => ({
    mounts: { mounts: [{ kind: 'volume' as const, name: volume, destination, options: [], subPath }] },
  })
  t.is(await printed(engine, 'cat /x/file', at('deep/er')), 'of the volume')
  t.is(await printed(engine, 'cat /x/er/file', at('link')), 'of the volume', 'a link means a path of the volume')
  t.is(await printed(engine, 'cat /x', at('deep/er/file')), 'of the volume', 'a file too')
  for (const path of ['leak', '../../..', `../../../../../..${outside}/secret`, 'no/such'])
    await t.notThrowsAsync(
      printed(engine, 'ls -A /x; test ! -e /x/secret', at(path)).catch((error: Error) =>
        t.regex(error.message, /subpath/),
      ),
      path,
    )
  const odd = await importChanged(t, engine, {
    name: 'localhost/volumes:1',
    change: root => symlinkSync(outside, join(root, 'leak')),
    changes: ['VOLUME /leak/../leak', 'VOLUME /../../etc'],
  })
  const seen = printed(engine, 'cat /leak/secret /etc/shadow 2>/dev/null; ls -d /etc/passwd', { image: odd })
  t.is(await seen.catch(() => '/etc/passwd'), '/etc/passwd', 'the runtime may refuse the link')
  const image_ = { kind: 'image' as const, image: odd, destination: '/img', readWrite: 'no' as const, subPath: 'leak' }
  await t.throwsAsync(printed(engine, 'ls /img', { mounts: { mounts: [image_] } }), { message: /subpath "leak"/ })
  t.is(readFileSync(join(outside, 'secret'), 'utf8'), 'of the host')
})

test('U gives what is mounted to the user of the container, links themselves and not what they name', async t => {
  const engine = await openTestEngine(t, 'chown')
  const [source, outside] = [await tempDir(t, 'given'), await tempDir(t, 'outside')]
  const canary = await hostCanary(outside)
  mkdirSync(join(source, 'a'))
  writeFileSync(join(source, 'a/file'), '')
  symlinkSync(canary.path, join(source, 'a/link'))
  const options = ['U']
  const mounts = {
    mounts: [
      { kind: 'bind' as const, source, destination: '/x', options },
      { kind: 'tmpfs' as const, destination: '/t', options },
    ],
  }
  const script = 'stat -c %u:%g /x /x/a /x/a/file /x/a/link /t | sort -u'
  t.is(await printed(engine, script, { mounts, process: { user: 'guest' } }), '1000:1000')
  t.true(await canary.isUnharmed())
})

test('what mounts.conf names is copied into every container; nothing at a read-only root may be written', async t => {
  const directory = await tempDir(t, 'subscriptions')
  mkdirSync(join(directory, 'keys'))
  writeFileSync(join(directory, 'keys/one'), 'key')
  writeFileSync(join(directory, 'mounts.conf'), `${directory}/keys:/run/secrets\n/no/such\n# not a path\n`)
  const engine = await openTestEngine(t, 'mounts-conf', { defaultMountsFiles: [join(directory, 'mounts.conf')] })
  t.is(await printed(engine, 'cat /run/secrets/one; echo x >/run/secrets/one; ls -d /no 2>/dev/null || true'), 'key')
  t.is(readFileSync(join(directory, 'keys/one'), 'utf8'), 'key', 'a copy')
  const sealed = { mounts: { rootfs: { readonly: 'yes' as const }, readOnlyTmpfs: 'no' as const } }
  const script = 'for d in / /tmp /run /dev /dev/shm; do touch $d/x 2>/dev/null && echo $d; done; true'
  t.is(await printed(engine, script, sealed), '')
})
