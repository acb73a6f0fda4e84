import { fileURLToPath } from 'node:url'
import test from 'ava'
import { singleCases } from './cases.ts'
import { differences } from './differences.ts'
import { openPodman } from './engine.ts'
import { normalize } from './normalize.ts'
import { commonFlags } from './plan.ts'

const ours = [
  process.execPath,
  '--conditions=development',
  '--disable-warning=ExperimentalWarning',
  '--',
  fileURLToPath(new URL('../../../podman/bin/podman.ts', import.meta.url)),
]

/** Where the whole engine differs from Podman 4.3.1 on purpose, with the reason. */
const meant: Readonly<Record<string, string>> = {
  '--memory 64m --memory-swap -1': '4.3.1 forgets that swap shall be unlimited',
  '--pids-limit -1': 'unlimited is -1 in the specification, 4.3.1 writes 0',
  '--pids-limit 0': 'no limit is no member, 4.3.1 writes 0',
  '--privileged --systemd always': '4.3.1 leaves all of /dev/tty* out, newer releases only the virtual terminals',
  '--privileged --device /dev/null:/dev/other': '4.3.1 forgets --device beside --privileged',
}

// All of them take minutes: SPEC_DIFFERENTIAL=all.
const cases = singleCases.filter((_, at) => process.env.SPEC_DIFFERENTIAL === 'all' || at % 4 === 0)

test('the same flags give the same spec', async t => {
  t.timeout(900_000)
  await using theirs = await openPodman(['podman'])
  await using mine = await openPodman(ours)
  const wrong: string[] = []
  for (const { flags } of cases) {
    const [one, other] = await Promise.all([specOf(mine, flags), specOf(theirs, flags)])
    const found = differences(one, other)
    const name = flags.join(' ')
    if (name in meant) t.true(found.length > 0, `${name} does not differ any more`)
    else if (found.length > 0) wrong.push(`${name || '(no flags)'}: ${found.join('; ')}`)
  }
  t.deepEqual(wrong, [])
})

/** The spec to compare, or the word that the engine refused. */
async function specOf(engine: Awaited<ReturnType<typeof openPodman>>, flags: readonly string[]): Promise<unknown> {
  const spec = await engine.specOf([...commonFlags, ...flags]).catch((error: Error) => error.message)
  return typeof spec === 'string' ? spec.split('\n').slice(1).join(' ') : normalize(spec)
}
