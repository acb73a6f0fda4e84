import test from 'ava'
import { refusal, specOf } from './parse.ts'

const networkOf = (...options: string[]) => specOf(options).network

test('network modes', t => {
  t.deepEqual(networkOf('--network', 'host')?.mode, { kind: 'host' })
  t.deepEqual(networkOf('--network', 'container:abc')?.mode, { kind: 'container', container: 'abc' })
  t.deepEqual(networkOf('--network', 'ns:/run/netns/x')?.mode, { kind: 'path', path: '/run/netns/x' })
  t.deepEqual(networkOf('--network', 'pasta:--mtu,1500')?.mode, { kind: 'pasta', options: ['--mtu', '1500'] })
  t.deepEqual(networkOf('--network', 'one', '--network', 'two:ip=10.0.0.2,alias=x,foo=bar')?.mode, {
    kind: 'bridge',
    networks: [{ name: 'one' }, { name: 'two', staticIps: ['10.0.0.2'], aliases: ['x'], options: { foo: 'bar' } }],
  })
  t.regex(refusal(['--network', 'host', '--network', 'x']), /conflicts with bridge/)
})

test('plain address options go to the only network', t => {
  t.deepEqual(networkOf('--ip', '10.88.0.9', '--mac-address', '92:d0:c6:0a:29:33', '--network-alias', 'web')?.mode, {
    kind: 'bridge',
    networks: [{ name: '', aliases: ['web'], staticIps: ['10.88.0.9'], staticMac: '92:d0:c6:0a:29:33' }],
  })
  t.regex(refusal(['--network', 'host', '--ip', '10.88.0.9']), /Bridge mode/)
  t.regex(refusal(['--network', 'a', '--network', 'b', '--ip', '10.88.0.9']), /single network/)
})

test('published ports', t => {
  const ports = (...texts: string[]) => networkOf(...texts.flatMap(text => ['-p', text]))?.ports
  t.deepEqual(ports('80'), [{ containerPort: 80, protocol: 'tcp' }])
  t.deepEqual(ports('127.0.0.1::80/udp'), [{ hostIp: '127.0.0.1', containerPort: 80, protocol: 'udp' }])
  t.deepEqual(ports('[::1]:8080:80'), [{ hostIp: '::1', hostPort: 8080, containerPort: 80, protocol: 'tcp' }])
  t.deepEqual(ports('8000-8002:80-82'), [{ hostPort: 8000, containerPort: 80, range: 3, protocol: 'tcp' }])
  t.regex(refusal(['-p', '8000-8001:80-82']), /different lengths/)
  t.regex(refusal(['-p', '70000:80']), /between 1 and 65535/)
  t.regex(refusal(['-p', 'x:80']), /invalid syntax/)
  t.deepEqual(networkOf('--expose', '80-81/udp')?.expose, ['80/udp', '81/udp'])
})

test('name service and hosts', t => {
  t.deepEqual(networkOf('--dns', '1.1.1.1', '--dns-search', 'a.b', '--dns-opt', 'ndots:1')?.dns, {
    servers: ['1.1.1.1'],
    search: ['a.b'],
    options: ['ndots:1'],
  })
  t.is(refusal(['--dns', 'nope']), 'nope is not an ip address')
  t.is(networkOf('--dns', 'none')?.resolvConf, 'leave')
  t.deepEqual(networkOf('--add-host', 'a;b:fe80::1')?.hosts, ['a;b:fe80::1'])
  t.is(refusal(['--add-host', 'nonsense']), 'bad format for add-host: "nonsense"')
})
