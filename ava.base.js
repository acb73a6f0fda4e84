// One AVA configuration for every package: sources run as they are written, types stripped.
export default {
  files: ['test/**/*.test.ts'],
  extensions: ['ts'],
  nodeArguments: ['--conditions=development', '--disable-warning=ExperimentalWarning'],
  timeout: '3m',
  failFast: false,
}
