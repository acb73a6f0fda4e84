import { createHash } from 'node:crypto'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { hostname, totalmem } from 'node:os'
import { join } from 'node:path'
import { run } from '@libpod/test-kit'
import test, { type ExecutionContext } from 'ava'
import { busybox, type Cli, openCliWithBusybox } from './cli.ts'

const container = (name: string, script: string, more: object = {}) => ({
  name,
  image: busybox,
  command: ['sh', '-c', script],
  ...more,
})

const pod = (name: string, spec: object, metadata: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, ...metadata },
  spec: { terminationGracePeriodSeconds: 0, ...spec },
})

/** JSON is YAML. */
const yamlOf = (...documents: readonly object[]): string => documents.map(each => JSON.stringify(each)).join('\n---\n')

async function open(
  t: ExecutionContext,
  name: string,
): Promise<{ cli: Cli; write: (...documents: object[]) => Promise<string> }> {
  t.timeout(300_000)
  const cli = await openCliWithBusybox(t, name)
  t.teardown(() => cli.run(['pod', 'rm', '--all', '--force', '--time', '0']))
  let files = 0
  const write = async (...documents: readonly object[]): Promise<string> => {
    const path = join(cli.directory, `kube-${++files}.yaml`)
    await writeFile(path, yamlOf(...documents))
    return path
  }
  return { cli, write }
}

const play = ['kube', 'play', '--network', 'none']

/** All that a play can leave. */
const left = async (cli: Cli): Promise<readonly string[]> =>
  Promise.all([
    cli.ok('pod', 'ps', '--quiet'),
    cli.ok('ps', '--all', '--quiet'),
    cli.ok('volume', 'ls', '--quiet'),
    cli.ok('secret', 'ls', '--quiet'),
  ])

const nothing = ['', '', '', '']

test('play makes what documents describe, replace makes it anew, down removes it and of the volumes those of claims if asked', async t => {
  const { cli, write } = await open(t, 'kube-play')
  const script =
    'echo $(GREETING) $PASSWORD $FROM_MAP $APP; cat /empty/init /map/key /secret/password; stat -c %a /map/key; sleep 1000'
  const mounts = ['empty', 'map', 'secret', 'claim'].map(name => ({ name, mountPath: `/${name}` }))
  const file = await write(
    { kind: 'ConfigMap', metadata: { name: 'map' }, data: { FROM_MAP: 'mapped', key: 'value\n' } },
    { kind: 'Secret', metadata: { name: 'secret' }, data: { password: Buffer.from('hidden').toString('base64') } },
    { kind: 'PersistentVolumeClaim', metadata: { name: 'mine' }, spec: {} },
    pod(
      'pod',
      {
        initContainers: [container('init', 'echo init > /empty/init', { volumeMounts: [mounts[0]] })],
        containers: [
          container('one', script, {
            env: [
              { name: 'GREETING', value: 'hello' },
              { name: 'PASSWORD', valueFrom: { secretKeyRef: { name: 'secret', key: 'password' } } },
              { name: 'APP', valueFrom: { fieldRef: { fieldPath: "metadata.labels['app']" } } },
            ],
            envFrom: [{ configMapRef: { name: 'map' } }],
            volumeMounts: mounts,
          }),
          container('two', 'sleep 1000', {
            volumeMounts: [mounts[0]],
            securityContext: { readOnlyRootFilesystem: true },
          }),
        ],
        volumes: [
          { name: 'empty', emptyDir: {} },
          { name: 'map', configMap: { name: 'map', defaultMode: 0o440 } },
          { name: 'secret', secret: { secretName: 'secret' } },
          { name: 'claim', persistentVolumeClaim: { claimName: 'mine' } },
        ],
      },
      { labels: { app: 'web' } },
    ),
  )
  const id = String.raw`[\da-f]{64}`
  t.regex(
    await cli.ok(...play, file),
    new RegExp(String.raw`^Volumes:\nmine\nSecrets:\n[\da-f]{25}\nPod:\n${id}\nContainers:\n${id}\n${id}\n$`),
  )
  t.is(await cli.ok('wait', '--condition', 'running', 'pod-one'), '-1')
  t.is(await cli.ok('exec', 'pod-two', 'cat', '/empty/init'), 'init')
  t.is((await cli.run(['exec', 'pod-two', 'touch', '/x'])).code, 1)
  const told = 'hello hidden mapped web\ninit\nvalue\nhidden440'
  // What the container writes comes when it comes.
  await cli.ok('exec', 'pod-one', 'sh', '-c', 'until pidof sleep; do :; done')
  t.is(await cli.ok('logs', 'pod-one'), told)
  t.deepEqual((await cli.ok('volume', 'ls', '--quiet')).split('\n').sort(), [
    'mine',
    'pod-empty',
    'pod-map',
    'pod-secret',
  ])
  const again = await cli.run([...play, file])
  t.deepEqual(
    [again.code, again.stderr],
    [125, 'Error: adding pod to state: name "pod" is in use: pod already exists\n'],
  )
  t.is(await cli.ok('pod', 'inspect', '--format', '{{.State}}', 'pod'), 'Running')
  const before = await cli.ok('pod', 'inspect', '--format', '{{.Id}}', 'pod')
  const replaced = await cli.ok(...play, '--replace', file)
  t.true(
    replaced.startsWith(
      `Pods stopped:\n${before}\nPods removed:\n${before}\nSecrets removed:\nVolumes removed:\nVolumes:\n`,
    ),
  )
  const after = await cli.ok('pod', 'inspect', '--format', '{{.Id}}', 'pod')
  t.not(after, before)
  const [down] = (await cli.ok('kube', 'down', file)).split('Secrets removed:')
  t.is(down, `Pods stopped:\n${after}\nPods removed:\n${after}\n`)
  t.deepEqual(await left(cli), ['', '', 'mine', ''])
  t.is(
    await cli.ok('play', 'kube', '--down', '--force', file),
    'Pods stopped:\nPods removed:\nSecrets removed:\nVolumes removed:\nmine',
  )
  t.deepEqual(await left(cli), nothing)
})

test('a play that fails half way leaves nothing, and what was there before as it was', async t => {
  const { cli, write } = await open(t, 'kube-fails')
  const secret = (value: string) => ({ kind: 'Secret', metadata: { name: 'kept' }, stringData: { a: value } })
  await cli.ok('kube', 'play', await write(secret('before')))
  const kept = await cli.ok('secret', 'inspect', '--showsecret', '--format', '{{.SecretData}}', 'kept')
  const made = join(cli.directory, 'made', 'deep')
  const good = pod('good', {
    containers: [container('c', 'sleep 1000', { volumeMounts: [{ name: 'v', mountPath: '/v' }] })],
    volumes: [
      { name: 'v', emptyDir: {} },
      { name: 'h', hostPath: { path: made, type: 'DirectoryOrCreate' } },
    ],
  })
  const claim = { kind: 'PersistentVolumeClaim', metadata: { name: 'claim' } }
  const missing = { name: 'h', hostPath: { path: join(cli.directory, 'no'), type: 'Directory' } }
  const bad: readonly (readonly [object, RegExp])[] = [
    [
      pod('bad', { containers: [container('c', 'true')], volumes: [missing] }),
      /checking HostPath: stat \S+\/no: no such file or directory/,
    ],
    [
      pod('bad', { containers: [{ name: 'c', image: 'localhost/none', imagePullPolicy: 'Never' }] }),
      /localhost\/none: image not known/,
    ],
    [pod('bad', { containers: [{ name: 'c' }] }), /container "c": is missing the required 'image' field/],
    [
      pod('bad', { initContainers: [container('i', 'exit 3')], containers: [container('c', 'true')] }),
      /init container \S+ exited with code 3/,
    ],
    [pod('good', { containers: [] }), /name "good" is in use: pod already exists/],
  ]
  for (const [document, message] of bad) {
    const { code, stderr } = await cli.run([...play, await write(secret('after'), claim, good, document)])
    t.is(code, 125)
    t.regex(stderr, message)
    const [pods, containers, volumes] = await left(cli)
    t.deepEqual([pods, containers, volumes], ['', '', ''])
    t.false(existsSync(join(cli.directory, 'made')))
    t.is(await cli.ok('secret', 'inspect', '--showsecret', '--format', '{{.SecretData}}', 'kept'), kept)
  }
  for (const [yaml, message] of [
    ['kind: Service', 'YAML document does not contain any supported kube kind'],
    [
      '{kind: ConfigMap, metadata: {name: m}}',
      'ConfigMaps in podman are not a standalone object and must be used in a container',
    ],
  ] as const) {
    const { code, stderr } = await cli.run(['kube', 'play', '-'], { input: yaml })
    t.deepEqual([code, stderr], [125, `Error: ${message}\n`])
  }
})

test('options of play: standard input, config maps of other files, names without prefix, annotations, nothing started', async t => {
  const { cli, write } = await open(t, 'kube-options')
  const map = await write({ kind: 'ConfigMap', metadata: { name: 'far' }, data: { FAR: 'away' } })
  const template = {
    spec: {
      containers: [container('c', 'true', { envFrom: [{ configMapRef: { name: 'far' } }] })],
      restartPolicy: 'Never',
    },
  }
  const deployment = { kind: 'Deployment', metadata: { name: 'dep' }, spec: { replicas: 3, template } }
  const options = [
    '--start=false',
    '--no-pod-prefix',
    '--annotation',
    'a=b',
    '--log-driver',
    'none',
    '--no-hosts',
    '--configmap',
    map,
  ]
  const { code, stdout, stderr } = await cli.run([...play, ...options, '-'], { input: yamlOf(deployment) })
  t.is(code, 0, stderr)
  t.regex(stderr, /Limiting replica count to 1, more than one replica is not supported by Podman/)
  t.regex(stdout, /^Pod:\n[\da-f]{64}\nContainer:\n[\da-f]{64}\n\n$/)
  const format =
    '{{.State.Status}} {{.HostConfig.LogConfig.Type}} {{index .Config.Annotations "a"}} {{.HostConfig.RestartPolicy.Name}}'
  t.is(await cli.ok('inspect', '--format', format, 'c'), 'created none b no')
  t.regex(await cli.ok('inspect', '--format', '{{.Config.Env}}', 'c'), /FAR=away/)
  t.is(await cli.ok('pod', 'ps', '--format', '{{.Name}} {{.Status}}'), 'dep-pod Created')
  t.regex(
    await cli.ok('kube', 'down', await write(deployment)),
    /^Pods stopped:\n[\da-f]{64}\nPods removed:\n[\da-f]{64}\n/,
  )
  t.deepEqual(await left(cli), nothing)
})

test('with --wait all is removed when the containers have ended', async t => {
  const { cli, write } = await open(t, 'kube-wait')
  const file = await write(
    { kind: 'PersistentVolumeClaim', metadata: { name: 'claim' } },
    pod('pod', { restartPolicy: 'Never', containers: [container('a', 'sleep 1'), container('b', 'true')] }),
  )
  const text = await cli.ok(...play, '--wait', file)
  t.regex(
    text,
    /^Use ctrl\+c to clean up or wait for pods to exit\n[\s\S]*\nCleaning up containers, pods, and volumes\.\.\.\nPods stopped:\n/,
  )
  t.deepEqual(await left(cli), nothing)
})

test('files and directories of the host are made if asked, and belong to it afterwards', async t => {
  const { cli, write } = await open(t, 'kube-host')
  const at = (name: string): string => join(cli.directory, name)
  const file = await write(
    pod('pod', {
      restartPolicy: 'Never',
      containers: [
        container('c', 'echo text > /file; touch /directory/x', {
          volumeMounts: [
            { name: 'file', mountPath: '/file' },
            { name: 'directory', mountPath: '/directory' },
          ],
        }),
      ],
      volumes: [
        { name: 'file', hostPath: { path: at('file'), type: 'FileOrCreate' } },
        { name: 'directory', hostPath: { path: at('directory'), type: 'DirectoryOrCreate' } },
      ],
    }),
  )
  await cli.ok(...play, '--wait', file)
  t.is(statSync(at('file')).size, 5)
  t.true(existsSync(join(at('directory'), 'x')))
})

test('what is generated of a pod and of a container is played again', async t => {
  const { cli } = await open(t, 'kube-generate')
  const file = join(cli.directory, 'generated.yaml')
  const create = ['create', '--restart', 'no', '--stop-timeout', '0']
  await cli.ok('pod', 'create', '--network', 'none', '--name', 'pod')
  const empty = await cli.run(['kube', 'generate', 'pod'])
  t.regex(empty.stderr, /^Error: pod [\da-f]{64} only has an infra container\n$/)
  const mounts = ['--volume', 'named:/named', '--tmpfs', '/memory']
  await cli.ok(
    ...create,
    '--pod',
    'pod',
    '--name',
    'one',
    '--env',
    'A=yes',
    ...mounts,
    busybox,
    'sh',
    '-c',
    'echo $A > /named/a',
  )
  await cli.ok(...create, '--pod', 'pod', '--name', 'two', '--read-only', busybox, 'touch', '/x')
  const refused = await cli.run(['generate', 'kube', 'one'])
  t.regex(
    refused.stderr,
    /^Error: container [\da-f]{64} is associated with pod [\da-f]{64}: use generate on the pod itself\n$/,
  )
  await cli.ok('kube', 'generate', '--filename', file, 'pod')
  const twice = await cli.run(['kube', 'generate', '--filename', file, 'pod'])
  t.deepEqual([twice.code, twice.stderr], [125, `Error: cannot write to "${file}"; file exists\n`])
  await cli.ok(...play, '--replace', file)
  t.is(await cli.ok('wait', 'pod-one', 'pod-two'), '0\n1')
  t.is(await cli.ok('run', '--rm', '--network', 'none', '--volume', 'named:/named', busybox, 'cat', '/named/a'), 'yes')
  await cli.ok('kube', 'down', file)
  await cli.ok(...create, '--network', 'none', '--name', 'al_one', busybox, 'true')
  const text = await cli.ok('generate', 'kube', '--podman-only', 'al_one', 'named')
  t.regex(text, /\nkind: PersistentVolumeClaim\n[\s\S]*\n---\n[\s\S]*\nkind: Pod\n[\s\S]*\n {2}name: alone-pod\n/)
  t.regex(text, /io\.podman\.annotations\.privileged\/alone: "FALSE"/)
  for (const [args, message] of [
    [['nobody'], 'name or ID "nobody" not found'],
    [['--replicas', '2', 'al_one'], '--replicas can only be set when --type is set to deployment'],
    [['--type', 'deployment', 'al_one'], 'k8s Deployments can only have restartPolicy set to Always'],
  ] as const) {
    const { code, stderr } = await cli.run(['kube', 'generate', ...args])
    t.deepEqual([code, stderr], [125, `Error: ${message}\n`])
  }
})

test('a link that a container leaves in a volume of files is not written through by the next play', async t => {
  const { cli, write } = await open(t, 'kube-link')
  const target = join(cli.directory, 'target')
  await writeFile(target, 'of the host')
  const map = { kind: 'ConfigMap', metadata: { name: 'map' }, data: { key: 'of the map' } }
  const planting = (script: string): object =>
    pod('pod', {
      restartPolicy: 'Never',
      containers: [container('c', script, { volumeMounts: [{ name: 'v', mountPath: '/v' }] })],
      volumes: [{ name: 'v', configMap: { name: 'map' } }],
    })
  await cli.ok(...play, await write(map, planting(`rm /v/key; ln -s ${target} /v/key`)))
  t.is(await cli.ok('wait', 'pod-c'), '0')
  await cli.ok(...play, '--replace', await write(map, planting('cat /v/key')))
  t.is(await cli.ok('wait', 'pod-c'), '0')
  t.is(await cli.ok('logs', 'pod-c'), 'of the map')
  t.is(readFileSync(target, 'utf8'), 'of the host')
})

test('a container that is to go at its end goes, the others stay', async t => {
  const { cli, write } = await open(t, 'kube-autoremove')
  const metadata = { annotations: { 'io.podman.annotations.autoremove/goes': 'true' } }
  const containers = [container('goes', 'sleep 1000'), container('stays', 'sleep 1000')]
  const file = await write(pod('pod', { restartPolicy: 'Never', containers }, metadata))
  await cli.ok(...play, file)
  t.is(await cli.ok('inspect', '--format', '{{.HostConfig.AutoRemove}}', 'pod-goes', 'pod-stays'), 'true\nfalse')
  await cli.ok('stop', '--time', '0', 'pod-goes', 'pod-stays')
  t.is(await cli.ok('ps', '--all', '--format', '{{.Names}}', '--filter', 'name=^pod-'), 'pod-stays')
  await cli.ok('kube', 'down', file)
  t.deepEqual(await left(cli), nothing)
})

test('a container that cannot be started is told, and the others run', async t => {
  const { cli, write } = await open(t, 'kube-start')
  const missing = { name: 'missing', image: busybox, command: ['/not/there'] }
  const file = await write(pod('pod', { containers: [missing, container('good', 'sleep 1000')] }))
  const { code, stdout, stderr } = await cli.run([...play, file])
  t.is(code, 125)
  t.regex(stdout, /^Pod:\n[\da-f]{64}\nContainers:\n/)
  t.regex(stderr, /^starting a container of pod pod: .*\/not\/there[^\n]*\nError: failed to start 1 containers\n$/)
  t.is(await cli.ok('inspect', '--format', '{{.State.Status}}', 'pod-good'), 'running')
  await cli.ok('kube', 'down', file)
  t.deepEqual(await left(cli), nothing)
})

test('images are built of the directory of their name: when they are missing, always with --build, never with --build=false', async t => {
  const { cli, write } = await open(t, 'kube-build')
  const image = (name: string) => ({ name: 'c', image: name, command: ['cat', '/made'] })
  const file = await write(pod('pod', { restartPolicy: 'Never', containers: [image('localhost/made:1')] }))
  const context = async (at: string, text: string): Promise<string> => {
    const directory = join(cli.directory, at, 'made')
    await mkdir(directory, { recursive: true })
    await writeFile(join(directory, 'Containerfile'), `FROM ${busybox}\nCOPY said /made\n`)
    await writeFile(join(directory, 'said'), text)
    return join(cli.directory, at)
  }
  const [near, far] = [await context('near', 'near'), await context('far', 'far')]
  const said = async (...options: string[]): Promise<string> => {
    const { code, stderr } = await cli.run([...play, '--replace', ...options, file], { cwd: near })
    t.is(code, 0, stderr)
    await cli.ok('wait', 'pod-c')
    return cli.ok('logs', 'pod-c')
  }
  const never = await cli.run([...play, '--build=false', file], { cwd: near })
  t.is(never.code, 125)
  t.is(await said(), 'near')
  await context('near', 'new')
  t.is(await said(), 'near', 'what is there is not built')
  t.is(await said('--build'), 'new')
  t.is(await said('--build', '--context-dir', far), 'far')
  const { code, stderr } = await cli.run([...play, '--context-dir', far, file])
  t.deepEqual([code, stderr], [125, 'Error: --build must be specified when using --context-dir option\n'])
})

test('a service container runs as long as one of the pods does, and is removed with the last of them', async t => {
  const { cli, write } = await open(t, 'kube-service')
  const file = await write(
    pod('one', { containers: [container('c', 'sleep 1000')] }),
    pod('two', { containers: [container('c', 'sleep 1000')] }),
  )
  const service = `${createHash('sha256').update(readFileSync(file)).digest('hex').slice(0, 12)}-service`
  const running = () => cli.ok('inspect', '--format', '{{.State.Running}}', service)
  const withService = [...play, '--service-container']
  await cli.ok(...withService, file)
  t.is(
    await cli.ok('inspect', '--format', '{{.IsService}} {{.KubeExitCodePropagation}} {{.Config.StopTimeout}}', service),
    'true none 10',
  )
  t.is(await running(), 'true')
  for (const force of [[], ['--force']]) {
    const { code, stderr } = await cli.run(['rm', ...force, service])
    t.not(code, 0)
    t.regex(
      stderr,
      /^Error: container [\da-f]{64} is the service container of pod\(s\) [\da-f]{64},[\da-f]{64} and cannot be removed without removing the pod\(s\)\n$/,
    )
  }
  await cli.ok('stop', '--time', '0', 'one-c')
  await cli.ok('wait', await cli.ok('pod', 'inspect', '--format', '{{.InfraContainerID}}', 'one'))
  t.is(await running(), 'true')
  await cli.ok('pod', 'stop', '--time', '0', 'two')
  t.is(await running(), 'false')
  t.is(await cli.ok('inspect', '--format', '{{.State.ExitCode}}', service), '0')
  await cli.ok('pod', 'restart', 'two')
  t.is(await running(), 'true')
  await cli.ok('pod', 'kill', 'two')
  t.is(await cli.ok('wait', service), '0')
  await cli.ok(...withService, '--replace', file)
  t.is(await running(), 'true')
  await cli.ok('pod', 'rm', '--force', '--time', '0', 'one')
  t.is(await running(), 'true')
  await cli.ok('pod', 'rm', '--force', '--time', '0', 'two')
  t.deepEqual(await left(cli), nothing)
  const { code, stderr } = await cli.run([...withService, '--start=false', file])
  t.deepEqual([code, stderr], [125, 'Error: --service-container does not work with --start=stop\n'])
  await cli.ok(...withService, file)
  await cli.ok('rm', '--depend', '--time', '0', service)
  t.deepEqual(await left(cli), nothing)
})

test('the exit code of a service container tells of those of its pods, if asked', async t => {
  const { cli, write } = await open(t, 'kube-service-codes')
  const shared = { volumeMounts: [{ name: 's', mountPath: '/s' }] }
  const file = await write(
    pod('pod', {
      restartPolicy: 'Never',
      containers: [container('good', 'until test -e /s/go; do sleep 0.05; done', shared), container('bad', 'exit 3')],
      volumes: [{ name: 's', emptyDir: {} }],
    }),
  )
  const withService = [...play, '--replace', '--service-container', '--service-exit-code-propagation']
  const { code, stderr } = await cli.run([...withService, 'some', file])
  t.deepEqual([code, stderr], [125, 'Error: unsupported exit-code propagation "some"\n'])
  for (const [word, expected] of [
    ['none', '0'],
    ['any', '137'],
    ['all', '0'],
  ] as const) {
    await cli.ok(...withService, word, file)
    const names = (await cli.ok('ps', '--all', '--format', '{{.Names}}')).split('\n')
    const service = names.find(name => name.endsWith('-service')) ?? ''
    await cli.ok('exec', 'pod-good', 'touch', '/s/go')
    t.is(await cli.ok('wait', service), expected, word)
  }
})

test('a part of a directory of the host is mounted alone, and no link in it leads out of it', async t => {
  const { cli, write } = await open(t, 'kube-subpath')
  const host = join(cli.directory, 'host')
  await mkdir(join(host, 'sub'), { recursive: true })
  await writeFile(join(host, 'sub', 'inner'), 'inner')
  await writeFile(join(host, 'one'), 'one')
  await symlink(cli.directory, join(host, 'out'))
  const at = (subPath: string, mountPath: string) => ({ name: 'host', mountPath, subPath })
  const playing = (mounts: readonly object[], script: string) =>
    pod('pod', {
      restartPolicy: 'Never',
      containers: [container('c', script, { volumeMounts: mounts })],
      volumes: [{ name: 'host', hostPath: { path: host } }],
    })
  const file = await write(playing([at('sub', '/sub'), at('one', '/file')], 'ls /sub; cat /file; echo new > /sub/new'))
  await cli.ok(...play, file)
  t.is(await cli.ok('wait', 'pod-c'), '0')
  t.is(await cli.ok('logs', 'pod-c'), 'inner\none')
  t.is(readFileSync(join(host, 'sub', 'new'), 'utf8'), 'new\n')
  for (const part of ['out', 'out/root', 'none', '../host']) {
    const { code, stderr } = await cli.run([...play, '--replace', await write(playing([at(part, '/x')], 'ls /x'))])
    t.is(code, 125, part)
    t.regex(stderr, /subpath "[^"]+": no such file or directory/)
  }
})

test('a claim is filled from an archive, which is looked at before anything is made', async t => {
  const { cli, write } = await open(t, 'kube-import')
  const claim = (archive: string) => ({
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'filled', annotations: { 'volume.podman.io/import-source': archive } },
  })
  const reading = pod('pod', {
    restartPolicy: 'Never',
    containers: [container('c', 'cat /v/etc/passwd', { volumeMounts: [{ name: 'v', mountPath: '/v' }] })],
    volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'filled' } }],
  })
  const tree = join(cli.directory, 'tree')
  await mkdir(join(tree, 'etc'), { recursive: true })
  await writeFile(join(tree, 'etc', 'passwd'), 'of the archive')
  const archive = join(cli.directory, 'archive.tar')
  await run('tar', ['--create', '--file', archive, '--directory', tree, '.'])
  const fifo = join(cli.directory, 'fifo')
  await run('mkfifo', [fifo])
  const broken = join(cli.directory, 'broken.tar')
  await writeFile(broken, 'no archive at all'.repeat(100))
  for (const [path, message] of [
    [join(cli.directory, 'none.tar'), /^Error: open \S+\/none\.tar: no such file or directory\n$/],
    ['a:b', /^Error: invalid filename \(should not contain ':'\) "a:b"\n$/],
    [fifo, /^Error: \S+\/fifo is not a regular file\n$/],
    [broken, /./],
  ] as const) {
    const { code, stderr } = await cli.run([...play, await write(claim(path), reading)])
    t.is(code, 125, path)
    t.regex(stderr, message)
    t.deepEqual(await left(cli), nothing)
  }
  await cli.ok(...play, await write(claim(archive), reading))
  t.is(await cli.ok('wait', 'pod-c'), '0')
  t.is(await cli.ok('logs', 'pod-c'), 'of the archive')
})

test('a pod in the host’s network has the host’s name; its containers know how large the host is', async t => {
  const { cli, write } = await open(t, 'kube-host-network')
  const resource = (name: string) => ({ name: 'SIZE', valueFrom: { resourceFieldRef: { resource: name } } })
  const file = await write(
    pod('pod', {
      restartPolicy: 'Never',
      hostNetwork: true,
      hostname: 'other',
      containers: [container('c', 'hostname; echo $SIZE', { env: [resource('limits.memory')] })],
    }),
  )
  await cli.ok('kube', 'play', file)
  t.is(await cli.ok('wait', 'pod-c'), '0')
  t.is(await cli.ok('logs', 'pod-c'), `${hostname()}\n${totalmem()}`)
})

test('an annotation mounts the volumes of images, read-only; with --force down removes volumes that only pods claim', async t => {
  const { cli, write } = await open(t, 'kube-automount')
  for (const name of ['one', 'two']) {
    const tree = join(cli.directory, name)
    await mkdir(join(tree, name), { recursive: true })
    await mkdir(join(tree, 'same'))
    await writeFile(join(tree, name, 'file'), name)
    await writeFile(join(tree, 'same', 'file'), `same of ${name}`)
    await run('tar', ['--create', '--file', `${tree}.tar`, '--directory', tree, '.'])
    const volumes = [name, 'same'].flatMap(path => ['--change', `VOLUME /${path}`])
    await cli.ok('import', '--quiet', ...volumes, `${tree}.tar`, `localhost/${name}`)
  }
  const automount = (images: string) => ({
    annotations: { 'io.podman.annotations.kube.image.volumes.mount/c': images },
  })
  const spec = {
    restartPolicy: 'Never',
    containers: [
      container('c', 'cat /one/file /two/file /same/file; touch /one/x || echo no', {
        volumeMounts: [{ name: 'v', mountPath: '/v' }],
      }),
      container('d', 'ls /one'),
    ],
    volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'claimed' } }],
  }
  const { code, stderr } = await cli.run([...play, await write(pod('pod', spec, automount('localhost/none')))])
  t.is(code, 125)
  t.regex(stderr, /^Error: image localhost\/none from container c does not exist in local storage, cannot automount: /)
  t.deepEqual(await left(cli), nothing)
  const file = await write(pod('pod', spec, automount('localhost/one;localhost/two')))
  await cli.ok(...play, file)
  t.is(await cli.ok('wait', 'pod-c', 'pod-d'), '0\n1')
  t.regex(await cli.ok('logs', 'pod-c'), /^onetwosame of two(.*Read-only file system\n)?no/s)
  t.is(await cli.ok('volume', 'ls', '--quiet'), 'claimed')
  t.regex(await cli.ok('kube', 'down', '--force', file), /\nVolumes removed:\nclaimed$/)
  t.deepEqual(await left(cli), nothing)
})

test('containers of a play have a tmpfs on /run, /tmp and /var/tmp, unless a volume is there', async t => {
  const { cli, write } = await open(t, 'kube-tmpfs')
  const file = await write(
    pod('pod', {
      restartPolicy: 'Never',
      containers: [
        container('c', 'grep -E " (/run|/tmp|/var/tmp) " /proc/mounts', {
          volumeMounts: [{ name: 'host', mountPath: '/tmp' }],
        }),
      ],
      volumes: [{ name: 'host', hostPath: { path: cli.directory } }],
    }),
  )
  await cli.ok(...play, file)
  t.is(await cli.ok('wait', 'pod-c'), '0')
  const said = await cli.ok('logs', 'pod-c')
  for (const path of ['/run', '/var/tmp'])
    t.regex(said, new RegExp(`^tmpfs ${path} tmpfs rw,nosuid,nodev,relatime`, 'm'))
  t.notRegex(said, /^tmpfs \/tmp /m)
})
