import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { tempDir } from '@libpod/test-kit'
import test from 'ava'
import { removeTree } from '../../src/index.ts'

const files = 1000

async function filled(path: string): Promise<string> {
  mkdirSync(path)
  for (let at = 0; at < files; at++) writeFileSync(join(path, `file-${at}`), '')
  return path
}

/** Removes a tree while a thread does something in it, from the moment that the first file of either end is gone. */
function removeBeside(directory: string, does: string): Promise<void> {
  const code = `
    const { existsSync, readdirSync, rmSync, writeFileSync } = require('node:fs')
    const { workerData: directory, parentPort } = require('node:worker_threads')
    const paths = readdirSync(directory).map(name => directory + '/' + name)
    parentPort.postMessage('ready')
    while (existsSync(paths[0]) && existsSync(paths.at(-1)));
    ${does}
    parentPort.postMessage('done')`
  const worker = new Worker(code, { eval: true, workerData: directory })
  return new Promise((resolve, reject) => {
    worker.on('error', reject)
    worker.on('message', message => (message === 'ready' ? removeTree(directory) : resolve()))
  })
}

test('a tree goes though somebody else takes things out of it meanwhile', async t => {
  const directory = await filled(join(await tempDir(t, 'taken'), 'tree'))
  await removeBeside(directory, 'for (const path of paths.toReversed()) rmSync(path, { force: true })')
  t.false(existsSync(directory))
})

test('a tree goes with what somebody puts into it meanwhile', async t => {
  const directory = await filled(join(await tempDir(t, 'put'), 'tree'))
  await removeBeside(
    directory,
    'try { for (let at = 0; at < 50; at++) writeFileSync(directory + "/new-" + at, "") } catch {}',
  )
  t.false(existsSync(directory))
})
