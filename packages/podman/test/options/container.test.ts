import test from 'ava'
import { caller, refusal, specOf } from './parse.ts'

test('no option at all asks for the image and the command only', t => {
  t.deepEqual(specOf([]), { image: 'busybox', process: { command: ['true'] } })
})

test('environment: host, then files, then options; names alone and prefixes are looked up', t => {
  const from = caller({ '/e': '# note\nA=file\nB=file\nHOST_ONE\n\n' }, { HOST_ONE: '1', HOST_TWO: '2', A: 'host' })
  t.deepEqual(specOf(['-e', 'A=option', '-e', 'MISSING', '--env-file', '/e'], from).process?.env, {
    A: 'option',
    B: 'file',
    HOST_ONE: '1',
  })
  t.deepEqual(specOf(['-e', 'HOST_*'], from).process?.env, { HOST_ONE: '1', HOST_TWO: '2' })
  t.deepEqual(specOf(['--env-host', '-e', 'A=x=y'], from).process?.env, { HOST_ONE: '1', HOST_TWO: '2', A: 'x=y' })
  t.is(refusal(['-e', '=x']), 'invalid environment variable: "=x"')
  t.is(specOf(['--unsetenv-all']).process?.unsetEnv, 'all')
})

test('the entrypoint is a JSON list, a word, or cleared', t => {
  t.deepEqual(specOf(['--entrypoint', '["a","b c"]']).process?.entrypoint, ['a', 'b c'])
  t.deepEqual(specOf(['--entrypoint', '/bin/sh']).process?.entrypoint, ['/bin/sh'])
  t.deepEqual(specOf(['--entrypoint', '']).process?.entrypoint, [])
})

test('labels come from files and options', t => {
  const from = caller({ '/l': 'a=file\nb=2\n' })
  t.deepEqual(specOf(['--label-file', '/l', '-l', 'a=1', '-l', 'bare'], from).labels, { a: '1', b: '2', bare: '' })
})

test('contradictions are refused', t => {
  t.is(refusal(['--cpu-period=1', '--cpus=2']), '--cpu-period and --cpus cannot be set together')
  t.is(refusal(['--no-hosts', '--add-host=a:1.1.1.1']), '--no-hosts and --add-host cannot be set together')
  t.is(refusal(['--platform=a/b', '--arch=c']), '--platform option can not be specified with --arch or --os')
  t.regex(refusal(['--rm', '--restart=always']), /the --rm option conflicts with --restart/)
  t.is(refusal(['--replace']), 'cannot replace container without --name being set')
  t.is(specOf(['--rm', '--restart=no']).onExit, 'remove')
})

test('restart policies', t => {
  t.deepEqual(specOf(['--restart', 'on-failure:3']).restart, { name: 'on-failure', maxRetries: 3 })
  t.deepEqual(specOf(['--restart', 'never']).restart, { name: 'no' })
  t.regex(refusal(['--restart', 'always:3']), /only be specified with on-failure/)
  t.regex(refusal(['--restart', 'sometimes']), /"sometimes" is not a valid restart policy/)
})

test('secrets, as files and as variables', t => {
  t.deepEqual(
    specOf(['--secret', 's1', '--secret', 'source=s2,type=env,target=V', '--secret', 's3,mode=0400,uid=7']).secrets,
    [
      { source: 's1', as: { kind: 'mount' } },
      { source: 's2', as: { kind: 'env', target: 'V' } },
      { source: 's3', as: { kind: 'mount', mode: 0o400, uid: 7 } },
    ],
  )
  t.regex(refusal(['--secret', 's,type=env,uid=1']), /cannot be set with secret type env/)
  t.regex(refusal(['--secret', 'type=mount']), /no source found/)
})

test('health checks: shell line, list, none', t => {
  t.deepEqual(specOf(['--health-cmd', 'curl x || exit 1', '--health-interval', '5s', '--health-retries', '2']).health, {
    test: ['CMD-SHELL', 'curl x || exit 1'],
    interval: 5e9,
    retries: 2,
  })
  t.deepEqual(specOf(['--health-cmd', '["curl","x"]']).health?.test, ['CMD', 'curl', 'x'])
  t.deepEqual(specOf(['--health-cmd', 'CMD-SHELL test -e x']).health?.test, ['CMD-SHELL', 'test -e x'])
  t.deepEqual(specOf(['--health-cmd', 'CMD test -e x']).health?.test, ['CMD', 'test', '-e', 'x'])
  t.deepEqual(specOf(['--no-healthcheck']).health?.test, ['NONE'])
  t.is(refusal(['--health-cmd', 'a', '--health-timeout', '0s']), 'healthcheck-timeout must be at least 1 second')
  t.is(specOf(['--health-interval', 'disable']).health?.interval, 0)
})

test('limits on processes and their messages', t => {
  t.deepEqual(specOf(['--ulimit', 'nofile=10:20', '--ulimit', 'CORE=-1']).process?.rlimits, [
    { type: 'nofile', soft: 10, hard: 20 },
    { type: 'core', soft: -1, hard: -1 },
  ])
  t.is(
    refusal(['--ulimit', 'core=-1:1000']),
    'ulimit option "core=-1:1000" requires name=SOFT:HARD, failed to be parsed: ulimit soft limit must be less than or equal to hard limit: soft: -1 (unlimited), hard: 1000',
  )
})

test('log options', t => {
  t.deepEqual(specOf(['--log-driver', 'k8s-file', '--log-opt', 'max-size=1m', '--log-opt', 'tag={{.Name}}']).log, {
    driver: 'k8s-file',
    maxSize: 1_000_000,
    tag: '{{.Name}}',
  })
  t.is(
    refusal(['--log-driver', 'carrier-pigeon']),
    'running container create option: invalid log driver: invalid argument',
  )
  t.is(refusal(['--log-opt', 'tag']), 'invalid log option "tag"')
  // Keys of other engines' drivers are passed over, in any case of letters.
  t.deepEqual(specOf(['--log-opt', 'Driver=none', '--log-opt', 'max-file=3', '--log-opt', 'label=a=b=c']).log, {
    driver: 'none',
    labels: { a: 'b=c' },
  })
})

test('older names of options still work', t => {
  t.deepEqual(specOf(['--net', 'none']).network?.mode, { kind: 'none' })
})
