// One AVA configuration for every package: sources run as they are written, types stripped.
export default {
  files: ['test/**/*.test.ts'],
  extensions: ['ts'],
  nodeArguments: ['--conditions=development', '--disable-warning=ExperimentalWarning'],
  // Without any result: on a busy machine one test alone may take minutes.
  timeout: '8m',
  failFast: false,
}
