import test from 'ava'
import { requiredCapabilities } from '../../src/plan/required-capabilities.ts'

const labelled = (text: string) => ({ 'io.containers.capabilities': text })

test('a label that names what is needed takes everything else away, and gives nothing', t => {
  const { request, refused } = requiredCapabilities(labelled('setuid,CAP_SETGID'), {})
  t.deepEqual([request.defaults, request.add, refused], [['CAP_SETGID', 'CAP_SETUID'], [], []])
  t.deepEqual(requiredCapabilities(labelled(''), {}).request.defaults, [])
  t.deepEqual(requiredCapabilities({ other: 'x' }, { add: ['SYS_ADMIN'] }).request, { add: ['SYS_ADMIN'] })
})

test('what the container may not have makes the label void', t => {
  const asked = { drop: ['SETUID'] }
  t.deepEqual(requiredCapabilities(labelled('setuid,chown'), asked), { request: asked, refused: ['CAP_SETUID'] })
  t.deepEqual(requiredCapabilities(labelled('SYS_ADMIN'), {}).refused, ['CAP_SYS_ADMIN'])
  t.deepEqual(requiredCapabilities(labelled('SYS_ADMIN'), { add: ['SYS_ADMIN'] }).request.add, ['CAP_SYS_ADMIN'])
})

test('names that are none are refused', t => {
  t.throws(() => requiredCapabilities(labelled('fly'), {}), {
    code: 'SPEC_INVALID',
    message: /^capabilities requested by user or image are not valid: "": "CAP_FLY": unknown capability/,
  })
})
