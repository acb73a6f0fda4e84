import test from 'ava'
import { pastaArguments, pastaServers } from '../../src/networks/programs/pasta/options.ts'
import { parseSlirpOptions, slirpAddresses, slirpArguments } from '../../src/networks/programs/slirp4netns/options.ts'

const places = { netns: '/n', apiSocket: '/s', end: 'with lifeline' } as const

test('options of slirp4netns become its arguments; what it does not know is refused in Podman’s words', t => {
  t.deepEqual(slirpArguments(parseSlirpOptions([]), places), [
    ...['--disable-host-loopback', '--mtu=65520', '--enable-sandbox', '--enable-seccomp', '--cidr=10.0.2.0/24'],
    ...['--enable-ipv6', '--configure', '--ready-fd=3', '--exit-fd=4', '--api-socket=/s'],
    ...['--netns-type=path', '/n', 'tap0'],
  ])
  const given = [
    'allow_host_loopback=true',
    'mtu=1500',
    'cidr=192.168.4.0/22',
    'enable_ipv6=false',
    'outbound_addr=eth0',
  ]
  const args = slirpArguments(parseSlirpOptions([...given, 'port_handler=rootlesskit']), places)
  for (const word of ['--mtu=1500', '--cidr=192.168.4.0/22', '--outbound-addr=eth0']) t.true(args.includes(word), word)
  for (const word of ['--disable-host-loopback', '--enable-ipv6']) t.false(args.includes(word), word)
  t.false(slirpArguments(parseSlirpOptions([]), { ...places, end: 'when told' }).includes('--exit-fd=4'))
  for (const [option, message] of [
    ['foo=bar', 'unknown option for slirp4netns: "foo=bar"'],
    ['mtu', 'unknown option for slirp4netns: "mtu"'],
    ['__proto__=x', 'unknown option for slirp4netns: "__proto__=x"'],
    ['mtu=67', 'invalid mtu "67"'],
    ['cidr=fd00::/64', 'invalid cidr "fd00::/64"'],
    ['port_handler=x', 'unknown port_handler for slirp4netns: "x"'],
    ['enable_ipv6=maybe', 'invalid value of enable_ipv6 for slirp4netns: "maybe"'],
    ['outbound_addr=--help', 'invalid outbound_addr "--help"'],
  ] as const)
    t.throws(() => parseSlirpOptions([option]), { code: 'SPEC_INVALID', message }, option)
  const both = ['outbound_addr6=::1', 'enable_ipv6=false']
  t.throws(() => parseSlirpOptions(both), { message: 'enable_ipv6=true is required for outbound_addr6' })
})

test('addresses out of the range of slirp4netns', t => {
  t.deepEqual(slirpAddresses(parseSlirpOptions([])), {
    ...{ gateway: '10.0.2.2', dns: '10.0.2.3', container: '10.0.2.100', prefix: 24 },
  })
  const wide = parseSlirpOptions(['cidr=192.168.7.9/22'])
  t.deepEqual(slirpAddresses(wide), {
    ...{ gateway: '192.168.4.2', dns: '192.168.4.3', container: '192.168.4.100', prefix: 22 },
  })
})

test('what pasta is told when nothing is asked for, and what the user may say instead', t => {
  const port = { protocol: 'tcp', hostPort: 8080, containerPort: 80 } as const
  t.deepEqual(pastaArguments([], [port], '/n'), [
    ...['--config-net', '-t', '8080-8080:80-80', '-u', 'none', '-T', 'none', '-U', 'none', '--no-map-gw'],
    ...['--dns-forward', '169.254.1.1', '--quiet', '--netns', '/n'],
  ])
  const udp = { protocol: 'udp', hostIp: '127.0.0.1', hostPort: 53, containerPort: 5353, range: 2 } as const
  const own = ['--map-gw', '-T', '80', '--dns-forward=10.0.0.1']
  t.deepEqual(pastaArguments(own, [udp], '/n'), [
    ...['--config-net', '-T', '80', '--dns-forward=10.0.0.1', '-u', '127.0.0.1/53-54:5353-5354', '-t', 'none'],
    ...['-U', 'none', '--quiet', '--netns', '/n'],
  ])
  t.deepEqual(pastaServers([]), ['169.254.1.1'])
  t.deepEqual(pastaServers(own), ['10.0.0.1'])
  t.deepEqual(pastaServers(['--dns-forward', '10.0.0.2']), ['10.0.0.2'])
})
