import test from 'ava'
import { knownWeaknesses } from '../../src/index.ts'

const ids = (runtime: string, version: string) => knownWeaknesses(runtime, version).map(({ id }) => id)

test('a version is judged within its own line', t => {
  t.deepEqual(ids('runc', '1.1.5+ds1'), ['CVE-2024-21626', 'CVE-2024-45310', 'CVE-2025-31133'])
  t.deepEqual(ids('runc', '1.1.14'), ['CVE-2025-31133'])
  t.deepEqual(ids('runc', '1.2.7'), ['CVE-2025-31133'])
  t.deepEqual(ids('runc', '1.2.8'), [])
  t.deepEqual(ids('runc', '1.3.2'), ['CVE-2025-31133'])
  t.deepEqual(ids('runc', '1.3.3'), [])
  t.deepEqual(ids('runc', '1.5.0'), [])
})

test('candidates come before the release', t => {
  t.true(ids('runc', '1.0.0-rc6').includes('CVE-2019-5736'))
  t.false(ids('runc', '1.0.0-rc10').includes('CVE-2019-5736'))
  t.false(ids('runc', '1.0.0').includes('CVE-2021-30465'))
  t.true(ids('runc', '1.4.0-rc.2').includes('CVE-2025-31133'))
  t.false(ids('runc', '1.4.0').includes('CVE-2025-31133'))
})

test('a weakness begins somewhere, and other runtimes have none', t => {
  t.deepEqual(ids('crun', '1.8.1'), [])
  t.deepEqual(ids('crun', 'crun version 1.26'), ['CVE-2026-30892'])
  t.deepEqual(ids('crun', '1.27'), [])
  t.deepEqual(ids('crun', '1.4.3'), ['CVE-2022-27650'])
  t.deepEqual(ids('youki', '0.0.1'), [])
})
