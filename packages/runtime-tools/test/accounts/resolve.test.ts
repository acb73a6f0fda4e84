import test from 'ava'
import fc from 'fast-check'
import { accountsFileLimit, highestId, parseGroup, parseGroups, parsePasswd, parseUser } from '../../src/index.ts'

const files = {
  passwd: [
    'root:x:0:0:root:/root:/bin/sh',
    '# a comment',
    '',
    'app:x:1000:1001:An App:/home/app:/bin/sh',
    'bare:x:7:7',
    'toobig:x:4294967296:0::/:/bin/sh',
    'minus:x:-1:0::/:/bin/sh',
    'hex:x:0x0:0::/:/bin/sh',
    '+nis::::::',
  ].join('\n'),
  group: 'root:x:0:\napp:x:1001:\nextra:x:2000:app,other\nmore:x:2001:app\nodd:x:no:app\n',
}

test('names bring their group, supplementary groups and home', t => {
  t.deepEqual(parseUser('app', files), {
    uid: 1000,
    gid: 1001,
    additionalGids: [1001, 2000, 2001],
    home: '/home/app',
    name: 'app',
  })
  t.deepEqual(parseUser('1000', files), parseUser('app', files))
  t.deepEqual(parseUser('', files), parseUser('root', files))
  t.is(parseUser('bare', files).home, '/')
})

test('an explicit group leaves out the others; the primary group is always listed', t => {
  t.deepEqual(parseUser('app:extra', files).additionalGids, [2000])
  t.deepEqual(parseUser('1000:5', files), { uid: 1000, gid: 5, additionalGids: [5], home: '/home/app', name: 'app' })
})

test('a number needs no entry', t => {
  const nobody = { passwd: '', group: '' }
  t.deepEqual(parseUser('4321', nobody), { uid: 4321, gid: 0, additionalGids: [0], home: '/' })
  t.deepEqual(parseUser('4321:99', nobody), { uid: 4321, gid: 99, additionalGids: [99], home: '/' })
  t.is(parseUser(String(highestId), nobody).uid, highestId)
})

test('names without entry are unknown', t => {
  t.throws(() => parseUser('nobody', files), { code: 'USER_UNKNOWN' })
  t.throws(() => parseUser('app:nogroup', files), { code: 'GROUP_UNKNOWN' })
  t.throws(() => parseUser('toobig', files), { code: 'USER_UNKNOWN' }, 'its entry is malformed')
  t.throws(() => parseUser('minus', files), { code: 'USER_UNKNOWN' })
  t.throws(() => parseUser('hex', files), { code: 'USER_UNKNOWN' })
  t.throws(() => parseUser('__proto__', files), { code: 'USER_UNKNOWN' })
})

// CVE-2024-40635: an id out of range became root.
for (const text of [
  '2147483648',
  '4294967296',
  '18446744073709551616',
  '-1',
  '+0',
  '1e3',
  '0x0',
  ' 0',
  '0 ',
  '1.0',
  '٠',
  '１',
  '0:',
  ':0:0',
  '0:0:0',
  '0:4294967296',
  '0:-1',
  '0: 0',
]) {
  test(`"${text}" is no user`, t => {
    t.throws(() => parseUser(text, files), { code: 'USER_INVALID' })
  })
}

test('no text resolves to an id out of range', t => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.bigInt({ min: -(2n ** 65n), max: 2n ** 65n }).map(String)), text => {
      try {
        const { uid, gid } = parseUser(text, files)
        return [uid, gid].every(id => Number.isSafeInteger(id) && id >= 0 && id <= highestId)
      } catch (error) {
        return error instanceof Error && 'code' in error
      }
    }),
  )
  t.pass()
})

// CVE-2024-9676, CVE-2026-47262: account files without end.
test('a file above the limit is refused before it is taken apart', t => {
  const huge = 'x'.repeat(accountsFileLimit + 1)
  const started = performance.now()
  t.throws(() => parseUser('app', { passwd: huge, group: '' }), { code: 'ACCOUNTS_TOO_LARGE' })
  t.throws(() => parseUser('root', { passwd: '', group: huge }), { code: 'ACCOUNTS_TOO_LARGE' })
  t.throws(() => parseGroups(['app'], huge), { code: 'ACCOUNTS_TOO_LARGE' })
  t.true(performance.now() - started < 100)
})

test('a file at the limit is read in good time', t => {
  const line = 'a:x:1:u\n'
  const started = performance.now()
  t.is(parseGroup(line.repeat(accountsFileLimit / line.length)).length, accountsFileLimit / line.length)
  t.is(parsePasswd(':'.repeat(accountsFileLimit)).length, 0)
  t.true(performance.now() - started < 2000)
})

test('groups are found by name and number', t => {
  t.deepEqual(parseGroups(['extra', '77', '2000'], files.group), [2000, 77])
  t.throws(() => parseGroups(['nogroup'], files.group), { code: 'GROUP_UNKNOWN' })
  t.throws(() => parseGroups(['4294967296'], files.group), { code: 'USER_INVALID' })
})
