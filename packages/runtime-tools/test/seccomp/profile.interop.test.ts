import { readFile } from 'node:fs/promises'
import test from 'ava'
import { capabilityNames, defaultSeccompProfile, resolveSeccomp, type SeccompProfile } from '../../src/index.ts'

/** What a profile of containers-common says of each call: its rules, in any order. */
function verdicts(profile: SeccompProfile, architecture: string, capabilities: readonly string[]) {
  const { syscalls = [] } = resolveSeccomp(profile, { architecture, capabilities })
  const verdict = new Map<string, string>()
  for (const { names, action, errnoRet, args } of syscalls) {
    const text = JSON.stringify([action, errnoRet ?? null, args ?? []])
    for (const name of names)
      verdict.set(name, [...new Set([...(verdict.get(name)?.split('|') ?? []), text])].sort().join('|'))
  }
  return verdict
}

// Calls that are newer than the packaged profile, and io_uring, which later ones refuse by name.
const newer =
  /^(cachestat|fchmodat2|futex_(requeue|wait|waitv|wake)|(get|list|remove|set)xattrat|mseal|map_shadow_stack|lsm_.*|(stat|list)mount|set_mempolicy_home_node|quotactl_fd|riscv_.*|io_uring_.*)$/

test('every call gets the verdict that the packaged profile gives', async t => {
  const packaged = JSON.parse(await readFile('/usr/share/containers/seccomp.json', 'utf8')) as SeccompProfile
  const few = ['CAP_CHOWN', 'CAP_SYS_CHROOT']
  for (const architecture of ['amd64', 'arm64', 'ppc64le', 's390x']) {
    for (const capabilities of [[], few, [...few, 'CAP_SYS_ADMIN'], [...few, 'CAP_AUDIT_WRITE'], capabilityNames]) {
      const theirs = verdicts(packaged, architecture, capabilities)
      const ours = verdicts(defaultSeccompProfile(), architecture, capabilities)
      const names = [...new Set([...theirs.keys(), ...ours.keys()])].filter(name => !newer.test(name))
      const different = names.filter(name => ours.get(name) !== theirs.get(name))
      t.deepEqual(different, [], `${architecture} ${capabilities.join(' ')}`)
    }
  }
  t.is(resolveSeccomp(packaged, { architecture: 'amd64', capabilities: [] }).defaultErrnoRet, 38)
})
