import { isIP as nodes } from 'node:net'
import test from 'ava'
import fc from 'fast-check'
import { isIP } from '../../src/networks/ip.ts'

const odd = [
  ...[
    '',
    '1',
    '1.2.3',
    '1.2.3.4',
    '01.2.3.4',
    '256.1.1.1',
    '0x1.2.3.4',
    '1.2.3.4 ',
    '1.2.3.4.5',
    '127.1',
    '255.255.255.255',
  ],
  ...[
    '::',
    '::1',
    '1::',
    ':::',
    '::1%eth0',
    '::1%',
    'fe80::1%eth0.5',
    '::ffff:1.2.3.4',
    '::1.2.3',
    '1:2:3:4:5:6:7:8',
    '1:2:3:4:5:6:7:8:9',
  ],
  ...[
    '[::1]',
    '::1]:80/x[',
    '::1/64',
    'a:b',
    'g::',
    '12345::',
    '::1@x',
    'fe80::1%et h',
    'ABCD::',
    '1:2:3:4:5:6:1.2.3.4',
  ],
]

test('an address is what Node says it is', t => {
  for (const text of odd) t.is(isIP(text) as number, nodes(text), text)
})

test('so are any that look like one', t => {
  const pieces = fc.array(fc.constantFrom('::', ':', '.', '1', '255', '256', 'ff', '0', 'f00', '%e', '%'), {
    maxLength: 18,
  })
  const texts = fc.oneof(
    fc.ipV4(),
    fc.ipV6(),
    pieces.map(parts => parts.join('')),
  )
  fc.assert(
    fc.property(texts, text => isIP(text) === nodes(text)),
    { numRuns: 3000 },
  )
  t.pass()
})
