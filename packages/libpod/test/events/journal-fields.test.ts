import test from 'ava'
import type { EngineEvent } from '../../src/events/events.ts'
import { datagram, eventOf, journalFields } from '../../src/events/journal-fields.ts'

const died: EngineEvent = {
  type: 'container',
  status: 'died',
  time: '2026-11-23T12:48:06.29Z',
  id: 'e1ee',
  name: 'c1',
  image: 'localhost/busybox:latest',
  containerExitCode: 0,
  attributes: { role: 'web' },
}

test('an event goes into the journal under Podman’s names and comes back as it was', t => {
  const fields = journalFields(died)
  t.like(fields, {
    SYSLOG_IDENTIFIER: 'podman',
    PRIORITY: '6',
    MESSAGE: '2026-11-23 12:48:06.29 +0000 UTC container died e1ee (image=localhost/busybox:latest, name=c1, role=web)',
    PODMAN_EXIT_CODE: '0',
    PODMAN_LABELS: '{"role":"web"}',
  })
  t.deepEqual(eventOf(fields), died)
  const health: EngineEvent = {
    ...{ type: 'container', status: 'health_status', time: died.time, id: 'e1ee', healthStatus: 'unhealthy' },
    ...{ healthLog: 'two\nlines', healthFailingStreak: 3 },
  }
  t.is(journalFields(health).PRIORITY, '5')
  t.deepEqual(eventOf(journalFields(health)), health)
})

test('times of other zones are told in UTC, with all their digits', t => {
  const time = '2026-11-23T13:48:06.123456789+01:00'
  t.is(eventOf({ ...journalFields(died), PODMAN_TIME: time })?.time, '2026-11-23T12:48:06.123456789Z')
})

test('rows that are no event, or damaged, tell nothing wrong', t => {
  for (const row of [{}, { PODMAN_TYPE: 'pod' }, { PODMAN_TYPE: 'pod', PODMAN_EVENT: 'start', PODMAN_TIME: 'never' }])
    t.is(eventOf(row), undefined)
  const odd = eventOf({ ...journalFields(died), PODMAN_LABELS: '{"a":', PODMAN_EXIT_CODE: 'many' })
  t.is(odd?.attributes, undefined)
  t.is(odd?.containerExitCode, undefined)
})

test('a value of several lines is sent with its length', t => {
  t.deepEqual(
    datagram({ A: 'one', B: 'x\ny' }),
    Buffer.concat([Buffer.from('A=one\nB\n'), Buffer.from([3, 0, 0, 0, 0, 0, 0, 0]), Buffer.from('x\ny\n')]),
  )
})
