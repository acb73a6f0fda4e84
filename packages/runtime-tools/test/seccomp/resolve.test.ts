import { constants } from 'node:os'
import test from 'ava'
import { defaultSeccompProfile, resolveSeccomp, type SeccompProfile } from '../../src/index.ts'

const subject = { architecture: 'amd64', capabilities: ['CAP_CHOWN'], kernel: '6.1.0-18-amd64' }
const profile = (rule: object, more: object = {}): SeccompProfile => ({
  defaultAction: 'SCMP_ACT_ERRNO',
  syscalls: [{ names: ['read'], action: 'SCMP_ACT_ALLOW', ...rule }],
  ...more,
})
const applies = (rule: object) => resolveSeccomp(profile(rule), subject).syscalls !== undefined

test('rules hold where their conditions do', t => {
  t.true(applies({}))
  t.true(applies({ includes: {}, excludes: {} }))
  t.true(applies({ includes: { arches: ['arm64', 'amd64'] } }))
  t.false(applies({ includes: { arches: ['arm64'] } }))
  t.true(applies({ includes: { caps: ['CAP_CHOWN'] } }))
  t.false(applies({ includes: { caps: ['CAP_CHOWN', 'CAP_KILL'] } }), 'all of them')
  t.false(applies({ excludes: { caps: ['CAP_KILL', 'CAP_CHOWN'] } }), 'any of them')
  t.true(applies({ excludes: { arches: ['s390'] } }))
  t.true(applies({ includes: { minKernel: '4.8' } }))
  t.true(applies({ includes: { minKernel: '6.1' } }))
  t.false(applies({ includes: { minKernel: '6.2' } }))
  t.false(applies({ includes: { minKernel: '10.0' } }))
  t.false(applies({ excludes: { minKernel: '4.8' } }))
})

test('architectures come from the map, or are given', t => {
  const archMap = [{ architecture: 'SCMP_ARCH_X86_64', subArchitectures: ['SCMP_ARCH_X86'] }]
  const of = (more: object, architecture = 'amd64') => {
    return resolveSeccomp(profile({}, more), { ...subject, architecture }).architectures
  }
  t.deepEqual(of({ archMap }), ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86'])
  t.is(of({ archMap }, 'riscv64'), undefined)
  t.deepEqual(of({ architectures: ['SCMP_ARCH_ARM'] }), ['SCMP_ARCH_ARM'])
  t.throws(() => of({ archMap, architectures: ['SCMP_ARCH_ARM'] }), { code: 'SECCOMP_INVALID' })
})

test('errno names become numbers, empty arguments vanish', t => {
  const rule = { errno: 'EPERM', action: 'SCMP_ACT_ERRNO', args: [] }
  const resolved = resolveSeccomp(profile(rule, { defaultErrno: 'ENOSYS', defaultErrnoRet: 1 }), subject)
  t.is(resolved.defaultErrnoRet, constants.errno.ENOSYS)
  t.deepEqual(resolved.syscalls, [{ names: ['read'], action: 'SCMP_ACT_ERRNO', errnoRet: constants.errno.EPERM }])
  t.throws(() => resolveSeccomp(profile({ errno: 'EWRONG' }), subject), { code: 'SECCOMP_INVALID' })
  t.throws(() => resolveSeccomp(profile({ name: 'x', names: ['y'] }), subject), { code: 'SECCOMP_INVALID' })
  t.throws(() => resolveSeccomp(profile({ names: [] }), subject), { code: 'SECCOMP_INVALID' })
})

test('the built-in profile opens with capabilities', t => {
  const verdict = (name: string, capabilities: readonly string[]) => {
    const { syscalls = [] } = resolveSeccomp(defaultSeccompProfile(), { ...subject, capabilities })
    return syscalls.find(rule => rule.names.includes(name))?.action
  }
  t.is(verdict('bpf', []), 'SCMP_ACT_ERRNO')
  t.is(verdict('bpf', ['CAP_SYS_ADMIN']), 'SCMP_ACT_ALLOW')
  t.is(verdict('chroot', ['CAP_SYS_CHROOT']), 'SCMP_ACT_ALLOW')
  t.is(verdict('kexec_load', ['CAP_SYS_ADMIN']), 'SCMP_ACT_ERRNO')
  t.is(verdict('io_uring_setup', []), 'SCMP_ACT_ERRNO')
  t.is(verdict('no_such_call', []), undefined)
})
