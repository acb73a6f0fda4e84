#!/usr/bin/env -S node --disable-warning=ExperimentalWarning --min-semi-space-size=8 --v8-pool-size=1 --
// System calls come from node:ffi on purpose: its users need not hear that it is experimental.
// Collecting garbage costs a short command more than room for it (MiB), and so does compiling in four threads what hardly runs.

const oldest = 26
if (Number.parseInt(process.versions.node, 10) < oldest) {
  process.stderr.write(`Error: podman needs Node.js ${oldest} or newer, and this is ${process.version}\n`)
  process.exit(125)
}
const argv = process.argv.slice(2)
if (argv.length === 1 && (argv[0] === '--version' || argv[0] === '-v')) {
  // What needs nothing loads nothing.
  const { podmanVersion } = await import('../src/version.ts')
  process.stdout.write(`podman version ${podmanVersion}\n`)
  process.exit()
}
const { main, keep } = await import('./program.ts')
// Without the dashes Node would take a container's `--env-file` for its own.
const self = [process.execPath, ...process.execArgv, '--', import.meta.filename]
process.exitCode = await main(argv, self, keep)
keep()
process.exit()
