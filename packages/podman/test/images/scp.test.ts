import test from 'ava'
import { parseScp } from '../../src/images/scp.ts'

test('ends of image scp', t => {
  t.deepEqual(parseScp('a', 'me@localhost::'), { from: { image: 'a' }, to: { user: 'me', image: '' } })
  t.deepEqual(parseScp('me@localhost::a:1', undefined), { from: { user: 'me', image: 'a:1' }, to: { image: '' } })
  t.deepEqual(parseScp('root@localhost::a', 'me@localhost::b'), {
    from: { user: 'root', image: 'a' },
    to: { user: 'me', image: 'b' },
  })
  t.throws(() => parseScp('a', undefined), { message: 'must specify a destination: invalid argument' })
  t.throws(() => parseScp('me@localhost::', 'x'), { message: 'no source image specified: invalid argument' })
  t.throws(() => parseScp('host::a', undefined), { message: /only stores of this host/ })
  t.throws(() => parseScp('a', 'me@elsewhere::'), { message: /only stores of this host/ })
})
