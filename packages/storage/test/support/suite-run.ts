import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict'
import { driverSuite } from '../../src/testing/index.ts'
import { tempStore } from './temp-store.ts'

/** The driver suite in a process of its own, and what came of it as JSON. Arguments: driver options. */

const driverOptions = process.argv.slice(2)
const results: { readonly title: string; readonly error?: string }[] = []
const tests: (() => Promise<void>)[] = []

driverSuite(
  (title, work) => {
    tests.push(async () => {
      const cleanups: (() => Promise<void>)[] = []
      const assert = {
        is: strictEqual,
        deepEqual: deepStrictEqual,
        true: (actual: boolean) => ok(actual),
        teardown: (cleanup: () => Promise<void>) => void cleanups.unshift(cleanup),
      }
      const outcome = await work(assert).then(
        () => ({ title }),
        (error: unknown) => ({ title, error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
      )
      for (const cleanup of cleanups) await cleanup()
      results.push(outcome)
    })
  },
  'run',
  async assert => (await tempStore(assert, { driver: 'overlay', driverOptions })).store,
)

for (const work of tests) await work()
process.stdout.write(JSON.stringify(results))
