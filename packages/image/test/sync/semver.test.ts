import test from 'ava'
import { semverConstraint } from '../../src/sync/semver.ts'

/** A constraint, versions that satisfy it, and some that do not (Masterminds/semver, README and its tests). */
const cases: readonly (readonly [string, string, string])[] = [
  ['=1.2.3', '1.2.3 v1.2.3 1.2.3+meta', '1.2.4 1.2.3-rc1 latest'],
  ['1.2', '1.2.0 1.2.9 v1.2', '1.3.0 1.1.9'],
  ['1.2.x', '1.2.0 1.2.11', '1.3.0'],
  ['*', '0.0.1 12.0.0', '1.0.0-beta latest'],
  ['!=1.2.3', '1.2.4 2', '1.2.3'],
  ['!=1.2.x', '1.3.0', '1.2.0 1.2.5'],
  ['>1.2', '1.3.0 2.0.0', '1.2.0 1.2.9'],
  ['>11', '12.0.0', '11.1.0'],
  ['>=11', '11.0.0 11.1.0', '10.9.9'],
  ['<1.2', '1.1.9', '1.2.0'],
  ['<=1.2', '1.2.9 1.0.0', '1.3.0'],
  ['>= 1.2, < 3.0.0', '1.2.0 2.9.9', '3.0.0 1.1.0'],
  ['>=1.2 <3.0.0 || >= 4.2.3', '2.0.0 4.2.3', '3.1.0 4.2.2'],
  ['1.2 - 1.4.5', '1.2.0 1.4.5', '1.4.6 1.1.0'],
  ['~1.2.3', '1.2.3 1.2.9', '1.3.0 1.2.2'],
  ['~1', '1.0.0 1.9.0', '2.0.0'],
  ['~2.3', '2.3.0 2.3.8', '2.4.0'],
  ['^1.2.3', '1.2.3 1.9.0', '2.0.0 1.2.2'],
  ['^0.2.3', '0.2.3 0.2.9', '0.3.0'],
  ['^0.0.3', '0.0.3', '0.0.4'],
  ['^0.0', '0.0.9', '0.1.0'],
  ['^0', '0.9.0', '1.0.0'],
  ['>=1.2.3-0', '1.2.3-beta.1 1.2.3 2.0.0-alpha', '1.2.2'],
  ['>1.0.0-alpha.2', '1.0.0-alpha.10 1.0.0-beta 1.0.0', '1.0.0-alpha.1'],
]
for (const [constraint, yes, no] of cases) {
  test(`versions and ${constraint}`, t => {
    const satisfies = semverConstraint(constraint)
    const chosen = (tags: string) => tags.split(' ').filter(tag => satisfies?.(tag) === true)
    t.deepEqual(chosen(yes), yes.split(' '))
    t.deepEqual(chosen(no), [])
  })
}

for (const text of ['', 'latest', '>=', '1.2.3.4', '>=1.2 ||', 'a - b', '^^1'])
  test(`${JSON.stringify(text)} is no constraint`, t => t.is(semverConstraint(text), undefined))

test('long hostile texts are judged at once', t => {
  for (const text of ['1'.repeat(100_000), '1.'.repeat(50_000), `>=${' '.repeat(100_000)}x.`, '1 - '.repeat(30_000)]) {
    t.is(semverConstraint(text)?.('1.2.3') ?? false, false)
    t.is(semverConstraint('*')?.(text), false)
  }
})
