import { spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { processesAbout } from '@libpod/test-kit'
import test from 'ava'
import { killTree } from '../src/process.ts'

/** Adopts, as conmon does, what its children leave: each starts a program and ends. */
const adopter = `import ctypes,os,signal,sys
ctypes.CDLL(None).prctl(36,1)
for number in range(400):
  if os.fork()==0:
    if os.fork()==0: os.execvp('sleep',['sleep',sys.argv[1]])
    os._exit(0)
  os.waitpid(-1,os.WNOHANG)
signal.pause()`

test('of a tree whose members end and leave theirs to others meanwhile nobody is overlooked', async t => {
  for (let round = 0; round < 15; round++) {
    const mark = `1000.${randomInt(2 ** 40)}`
    const { pid = 0 } = spawn('python3', ['-c', adopter, mark], { stdio: 'ignore' })
    while ((await processesAbout(mark)).length < 2) await delay(1)
    await delay(randomInt(40))
    await killTree(pid)
    t.deepEqual(await processesAbout(mark), [])
  }
})
