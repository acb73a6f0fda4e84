import test from 'ava'
import {
  contains,
  formatAddress,
  formatSubnet,
  freeSubnet,
  overlaps,
  parseAddress,
  parseSubnet,
  type Subnet,
} from '../../src/networks/addresses.ts'
import { parseRoutes } from '../../src/networks/host-subnets.ts'

const subnet = (text: string): Subnet => {
  const parsed = parseSubnet(text)
  if (!parsed) throw new TypeError(text)
  return parsed
}

test('addresses are read and written as Go does', t => {
  for (const text of [
    '0.0.0.0',
    '10.88.0.1',
    '255.255.255.255',
    '::',
    '::1',
    'fd00::1:0:0:1',
    '2001:db8::',
    '1:2:3:4:5:6:7:8',
  ]) {
    const address = parseAddress(text)
    t.is(address && formatAddress(address), text)
  }
  for (const [text, wanted] of [
    ['FD00:0:0::A', 'fd00::a'],
    ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
    ['0:0:1::', '0:0:1::'],
  ] as const) {
    const address = parseAddress(text)
    t.is(address && formatAddress(address), wanted)
  }
  for (const text of ['', '1.2.3', '1.2.3.256', 'x', 'fe80::1%eth0', '::1::']) t.is(parseAddress(text), undefined, text)
})

test('subnets know what is in them', t => {
  t.is(formatSubnet(subnet('10.89.3.7/24')), '10.89.3.0/24')
  t.is(formatSubnet(subnet('fd00::5/64')), 'fd00::/64')
  for (const text of ['10.0.0.0', '10.0.0.0/33', '/8', 'fd00::/129', '10.0.0.0/8/8'])
    t.is(parseSubnet(text), undefined, text)
  t.true(overlaps(subnet('10.0.0.0/8'), subnet('10.89.0.0/24')))
  t.false(overlaps(subnet('10.88.0.0/16'), subnet('10.89.0.0/24')))
  t.false(overlaps(subnet('::/0'), subnet('10.0.0.0/8')))
  t.true(contains(subnet('10.89.0.0/24'), { family: 4, value: 0x0a5900ffn }))
  t.false(contains(subnet('10.89.0.0/24'), { family: 4, value: 0x0a590100n }))
})

test('a free subnet meets none in use', t => {
  const pools = [
    { base: '10.89.0.0/16', size: 24 },
    { base: '10.90.0.0/15', size: 24 },
  ]
  const free = (...used: string[]): string | undefined => {
    const found = freeSubnet(pools, used.map(subnet))
    return found && formatSubnet(found)
  }
  t.is(free(), '10.89.0.0/24')
  t.is(free('10.89.0.0/24', '10.89.1.128/25'), '10.89.2.0/24')
  t.is(free('10.89.0.0/16'), '10.90.0.0/24')
  t.is(free('10.0.0.0/8'), undefined)
})

test('routes of the kernel are read, the default one is none', t => {
  const text =
    'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\n' +
    'eth0\t00000000\t0100A8C0\t0003\t0\t0\t0\t00000000\t0\neth0\t0000A8C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\n'
  t.deepEqual(
    parseRoutes(text).map(each => each && formatSubnet(each)),
    ['192.168.0.0/24'],
  )
})
