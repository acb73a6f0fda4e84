import { readdir, readFile } from 'node:fs/promises'
import test from 'ava'
import { fileProblem } from '../../src/files/problem.ts'

test('what is wrong with a file is said as the system says it', async t => {
  const problems: readonly (readonly [Promise<unknown>, string])[] = [
    [readFile('/nonexistent/x'), 'open /nonexistent/x: no such file or directory'],
    [readdir('/dev/null'), 'open /dev/null: not a directory'],
    [readFile(`/${'x'.repeat(300)}`), `open /${'x'.repeat(300)}: file name too long`],
  ]
  for (const [failing, words] of problems)
    t.is(
      fileProblem(
        await failing.then(
          () => new Error('read'),
          error => error,
        ),
      ),
      words,
    )
  t.is(fileProblem(new Error('something else')), 'something else')
})
