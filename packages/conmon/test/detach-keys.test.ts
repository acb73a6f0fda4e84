import test from 'ava'
import fc from 'fast-check'
import { defaultDetachKeys, detachKeys } from '../src/index.ts'

const typed = (keys: string, ...pieces: readonly string[]): { forward: string; detached: boolean } => {
  const automaton = detachKeys(keys)
  let forward = ''
  for (const piece of pieces) {
    const result = automaton.push(Buffer.from(piece, 'latin1'))
    forward += Buffer.from(result.forward).toString('latin1')
    if (result.detached) return { forward, detached: true }
  }
  return { forward, detached: false }
}

test('the sequence detaches, in one piece or in several', t => {
  t.deepEqual(typed(defaultDetachKeys, 'ls\n\x10\x11rest'), { forward: 'ls\n', detached: true })
  t.deepEqual(typed(defaultDetachKeys, 'a\x10', '\x11'), { forward: 'a', detached: true })
})

test('a beginning that comes to nothing is forwarded', t => {
  t.deepEqual(typed(defaultDetachKeys, '\x10', 'x'), { forward: '\x10x', detached: false })
  t.deepEqual(typed(defaultDetachKeys, '\x10\x10\x11'), { forward: '\x10', detached: true })
})

test('a beginning is held back until it is decided', t => {
  t.deepEqual(typed(defaultDetachKeys, 'a\x10'), { forward: 'a', detached: false })
})

test('no keys, no detaching', t => {
  t.deepEqual(typed('', '\x10\x11'), { forward: '\x10\x11', detached: false })
})

test('every kind of key is understood', t => {
  t.deepEqual(typed('ctrl-@,ctrl-[,ctrl-\\,ctrl-],ctrl-^,ctrl-_,q', '\x00\x1b\x1c\x1d\x1e\x1fq'), {
    forward: '',
    detached: true,
  })
  t.deepEqual(typed('ctrl-A', '\x01'), { forward: '', detached: true })
})

for (const text of ['ctrl-', 'ctrl-1', 'ab', 'ctrl-p,,ctrl-q', 'é'])
  test(`"${text}" is refused`, t => {
    t.throws(() => detachKeys(text), { code: 'DETACH_KEYS_INVALID' })
  })

test('however input is cut, it detaches where the sequence first ends and forwards all before it', t => {
  const keys = ['a,b,a,c', 'a,a,b', 'a,b', 'a,a,a']
  fc.assert(
    fc.property(
      fc.constantFrom(...keys),
      fc.array(fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 4 })),
      (text, pieces) => {
        const sequence = text.replaceAll(',', '')
        const whole = pieces.join('')
        const at = whole.indexOf(sequence)
        const { forward, detached } = typed(text, ...pieces)
        if (at >= 0) return detached && forward === whole.slice(0, at)
        return !detached && whole.startsWith(forward) && sequence.startsWith(whole.slice(forward.length))
      },
    ),
  )
  t.pass()
})
