import test from 'ava'
import { UsageError } from '../../src/cli/usage-error.ts'
import { descriptors } from '../../src/options/descriptors.ts'

test('descriptors are counted from 3, or listed', t => {
  t.deepEqual(descriptors(2, []), [3, 4])
  t.deepEqual(descriptors(undefined, ['9', '40', '9']), [9, 40])
  t.deepEqual(descriptors(undefined, []), [])
})

test('what names no descriptor is refused', t => {
  for (const text of ['x', '2', '-1', '1e1']) t.throws(() => descriptors(undefined, [text]), { instanceOf: UsageError })
  t.throws(() => descriptors(1, ['4']), { message: /both/ })
})
