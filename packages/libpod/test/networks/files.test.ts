import test from 'ava'
import {
  hostsText,
  parseResolvConf,
  resolvConfSource,
  resolvConfText,
  withEntries,
  withoutAddresses,
  withoutServers,
  withServers,
} from '../../src/networks/files.ts'

test('a hosts file says each name once, what was asked for first', t => {
  const text = hostsText({
    base: '# a comment\n127.0.0.1 localhost\n192.0.2.9\told.example # why\n',
    added: ['one;uno:192.0.2.1', 'host:host-gateway', 'six:2001:db8::6'],
    own: [{ ip: '10.88.0.5', names: ['abc', 'one', 'name'] }],
    hostGateway: '10.88.0.1',
  })
  t.is(
    text,
    [
      '192.0.2.1\tone uno',
      '10.88.0.1\thost',
      '2001:db8::6\tsix',
      '127.0.0.1\tlocalhost',
      '192.0.2.9\told.example',
      '10.88.0.1\thost.containers.internal host.docker.internal',
      '10.88.0.5\tabc name',
      '',
    ].join('\n'),
  )
})

test('an entry that is none is refused', t => {
  for (const added of ['name', 'name:', ':192.0.2.1', 'name:host-gateway']) {
    t.throws(() => hostsText({ added: [added] }), { code: 'SPEC_INVALID' }, added)
  }
})

test('resolvers come from the user, the networks, the host, in this order', t => {
  const host =
    '# stub\nnameserver 127.0.0.53\nnameserver 192.0.2.53\nnameserver nonsense\nsearch a.example b.example\noptions ndots:2\n'
  t.is(
    resolvConfText({ host, loopback: 'drop' }),
    'search a.example b.example\nnameserver 192.0.2.53\noptions ndots:2\n',
  )
  t.is(
    resolvConfText({ host, loopback: 'keep' }),
    'search a.example b.example\nnameserver 127.0.0.53\nnameserver 192.0.2.53\noptions ndots:2\n',
  )
  const network = { networkServers: ['10.89.0.1'], networkSearch: ['dns.podman'] }
  t.is(
    resolvConfText({ host, loopback: 'drop', ...network }),
    'search dns.podman a.example b.example\nnameserver 10.89.0.1\noptions ndots:2\n',
  )
  t.is(
    resolvConfText({ host, loopback: 'drop', ...network, servers: ['192.0.2.1'], search: ['.'], options: ['rotate'] }),
    'nameserver 192.0.2.1\noptions rotate\n',
  )
  t.deepEqual(parseResolvConf(resolvConfText({ host: 'nameserver 127.0.0.1\n', loopback: 'drop' })).servers, [
    '8.8.8.8',
    '8.8.4.4',
  ])
})

test("a stub resolver's file is passed over for what stands behind it", t => {
  t.is(resolvConfSource('nameserver 127.0.0.53\n'), '/run/systemd/resolve/resolv.conf')
  t.is(resolvConfSource('nameserver 127.0.0.53\nnameserver 192.0.2.1\n'), '/etc/resolv.conf')
})

test('a hosts file gains and loses addresses, and keeps the rest', t => {
  const text = '# mine\n127.0.0.1\tlocalhost\n10.89.0.3\tone two\n10.89.0.30 other\n'
  const more = withEntries(text, [{ ip: '10.90.0.2', names: ['one', 'two'] }])
  t.is(more, `${text}10.90.0.2\tone two\n`)
  t.is(withoutAddresses(more, new Set(['10.90.0.2'])), text)
  t.is(withoutAddresses(text, new Set(['10.89.0.3'])), '# mine\n127.0.0.1\tlocalhost\n10.89.0.30 other\n')
})

test('a file of resolvers gains and loses servers, and keeps the rest', t => {
  const text = 'search lan\nnameserver 10.0.0.1\noptions ndots:2\n'
  const more = withServers(text, ['10.89.1.1', 'fd00::1'])
  t.is(more, 'search lan\nnameserver 10.89.1.1\nnameserver fd00::1\nnameserver 10.0.0.1\noptions ndots:2\n')
  t.is(withServers(more, ['10.89.1.1', 'fd00::1']), more)
  t.is(withoutServers(more, ['10.89.1.1', 'fd00::1']), text)
  t.is(withServers('search lan\n', ['10.89.1.1']), 'search lan\nnameserver 10.89.1.1\n')
  t.is(withServers('', ['10.89.1.1']), 'nameserver 10.89.1.1\n')
})
